"""Which read models have stopped, so that what pages show is out of date."""

from eventstore.models import Checkpoint
from eventstore.read_models import registry


def stopped() -> list[Checkpoint]:
    """Those that take in no more events, by name; one query of as many rows as there are read models."""
    found = Checkpoint.objects.filter(name__in=sorted(registry)).order_by("name")
    return [each for each in found if each.error or each.version != registry[each.name].version]
