"""manage.py import_events: the events of an exported file into the store."""

from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from eventstore.management.fill import fill, follow_up, in_a_sentence
from eventstore.management.progress import Bar
from eventstore.transfer import archive
from eventstore.transfer.open_store import opened_current


class Command(BaseCommand):
    help = (
        "Take the events of an exported file into the store, in order, and verify them. The store is empty, "
        "or holds the first events of the file and no others; nobody else may append to it meanwhile. The "
        "file is checked first: of a damaged one nothing is taken. Run again, it goes on where it was cut "
        "off. Positions and recorded_at are the store's own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Compressed with gzip if it ends in .gz.")
        parser.add_argument(
            "--readable-part",
            action="store_true",
            help="Of a damaged file, take the events before the first line that cannot be read.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        with in_a_sentence(), opened_current() as target:
            events = self.count(path, readable_part=options["readable_part"])
            with Bar("Importing ", total=path.stat().st_size) as bar:
                moved = fill(target, islice(archive.read(path, bar.moved), events), self.stdout.write)
            follow_up(target, self.stdout.write)
        self.stdout.write(self.style.SUCCESS(f"The store holds all {moved.tally.events:,} events."))

    def count(self, path: Path, *, readable_part: bool) -> int:
        """Read the whole file before anything is taken from it; returns the number of events to take."""
        with Bar("Checking ", total=path.stat().st_size) as bar:
            try:
                return sum(1 for _ in archive.read(path, bar.moved))
            except archive.Damaged as damaged:
                if not readable_part:
                    raise
                self.stderr.write(str(damaged))
                return damaged.readable
