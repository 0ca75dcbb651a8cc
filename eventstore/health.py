"""How the database and the read models are."""

from dataclasses import dataclass
from datetime import datetime

from eventstore.models import Checkpoint
from eventstore.projection import is_able
from eventstore.read_models import registry
from eventstore.store import current_store


@dataclass(frozen=True)
class Condition:
    """How far a read model has come. `lag` counts positions: no fewer than the events it lacks. `version`
    is that of the code which filled its tables, `code_version` that of this code."""

    name: str
    position: int
    lag: int
    version: int
    code_version: int
    error: str = ""
    failed_position: int | None = None
    advanced_at: datetime | None = None

    @property
    def stopped(self) -> bool:
        """Whether it takes in no more events: it met one that it could not, or wants a rebuild."""
        return bool(self.error) or self.outdated

    @property
    def outdated(self) -> bool:
        """Whether its tables were filled by other code than this."""
        return self.version != self.code_version


def stopped() -> list[Checkpoint]:
    """The read models that take in no more events, by name; one query of as many rows as there are any."""
    found = Checkpoint.objects.filter(name__in=sorted(registry)).order_by("name")
    return [each for each in found if not is_able(each)]


def conditions() -> list[Condition]:
    """Every read model, by name; two queries. Raises the database's error when it does not answer."""
    head = current_store().head()
    reached = Checkpoint.objects.in_bulk(sorted(registry))
    return [_condition(name, reached.get(name), head) for name in sorted(registry)]


def _condition(name: str, reached: Checkpoint | None, head: int) -> Condition:
    code_version = registry[name].version
    if reached is None:  # it has not met an event yet
        return Condition(name, 0, head, code_version, code_version)
    return Condition(
        name=name,
        position=reached.position,
        lag=max(head - reached.position, 0),
        version=reached.version,
        code_version=code_version,
        error=reached.error,
        failed_position=reached.failed_position,
        advanced_at=reached.advanced_at,
    )
