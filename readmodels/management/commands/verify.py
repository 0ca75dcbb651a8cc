"""manage.py verify: compare the read models with a replay of the whole history."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from eventstore.management.away import StoreCommand
from eventstore.management.bar import Bar
from eventstore.management.names import named
from eventstore.projection import Stopped
from eventstore.read_models import ReadModel, registry
from eventstore.rebuild import verify
from eventstore.shadow import Busy, Difference


class Command(StoreCommand):
    help = "Replay every event beside the live tables and name each row that differs. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="*", help="Read models; all when none is named.")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = named(options["name"]) if options["name"] else list(registry.values())
        found = sum(self.report(read_model) for read_model in chosen)
        if found:
            raise CommandError(
                f"{found} rows differ. manage.py rebuild makes the tables what the events say."
            )
        self.stdout.write(self.style.SUCCESS(f"{len(chosen)} read models are what the events say."))

    def report(self, read_model: ReadModel) -> int:
        """Print the differences of one read model; how many there are."""
        with Bar(f"{read_model.name} ") as bar:
            try:
                differences = verify(read_model, progress=bar.moved)
            except (Busy, Stopped) as error:
                raise CommandError(f"{read_model.name}: {error}.") from error
        for difference in differences:
            self.stdout.write(self.style.ERROR(describe(difference)))
        return len(differences)


def describe(difference: Difference) -> str:
    """One line for one row."""
    row = f"{difference.table} {' '.join(map(str, difference.key))}"
    if difference.live is None:
        return f"{row}: missing from the live table"
    if difference.replayed is None:
        return f"{row}: in the live table, but no event tells of it"
    changes = [
        f"{name} is {difference.live[name]!r}, should be {difference.replayed[name]!r}"
        for name in difference.columns
    ]
    return f"{row}: {'; '.join(changes)}"
