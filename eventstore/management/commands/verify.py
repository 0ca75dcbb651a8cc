"""manage.py verify: compare the read models with a replay of the whole history."""

from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import CommandError

from eventstore import snapshots
from eventstore.management.command import StoreCommand
from eventstore.management.names import named
from eventstore.management.progress import Bar
from eventstore.projections.advance import Stopped
from eventstore.projections.differences import NAMED, Difference, Differences
from eventstore.projections.read_model import ReadModel, registry
from eventstore.projections.rebuild import verify
from eventstore.projections.shadow import Barred, Busy


class Command(StoreCommand):
    help = "Replay every event beside live tables and kept states, and name what differs. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="*", help="Read models; all when none is named.")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = named(options["name"], registry) if options["name"] else list(registry.values())
        found = named_so_far = 0
        for read_model in chosen:
            differences = self.verified(read_model, most=NAMED - named_so_far)
            for difference in differences.first:
                self.stdout.write(self.style.ERROR(describe(difference)))
            found += differences.count
            named_so_far += len(differences.first)
        if found > named_so_far:
            self.stdout.write(self.style.ERROR(f"... and {found - named_so_far:,} more."))
        states = [] if options["name"] else list(islice(snapshots.wrong(), NAMED))
        for sentence in states:
            self.stdout.write(self.style.ERROR(sentence))
        if found:
            raise CommandError(
                f"{found:,} rows differ. manage.py rebuild makes the tables what the events say."
            )
        if states:
            raise CommandError("Kept states differ. They are made anew under another state_version.")
        self.stdout.write(self.style.SUCCESS(f"{len(chosen)} read models are what the events say."))

    def verified(self, read_model: ReadModel, *, most: int) -> Differences:
        """The differences of one read model; the first `most` of them by name."""
        with Bar(f"{read_model.name} ") as bar:
            try:
                return verify(read_model, progress=bar.moved, most=most)
            except (Barred, Busy, Stopped) as error:
                raise CommandError(f"{read_model.name}: {error}.") from error


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
