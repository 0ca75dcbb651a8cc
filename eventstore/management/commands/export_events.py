"""manage.py export_events: every event of the store into a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from eventstore.current import current_store
from eventstore.management.fill import in_a_sentence
from eventstore.management.progress import Bar
from eventstore.transfer import archive
from eventstore.transfer.copy import events_of


class Command(BaseCommand):
    help = (
        "Write all events up to now into a file of JSON lines; the store may go on meanwhile. Without "
        "positions and recorded_at, which are the store's own. Only its owner can read the file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Compressed with gzip if it ends in .gz.")
        parser.add_argument("--force", action="store_true", help="Overwrite a file that is there.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        with in_a_sentence("No file was written."), Bar("Exporting ") as bar:
            tally = archive.write(path, events_of(current_store(), bar.moved), force=options["force"])
        told = f"{tally.events:,} events of {len(tally.streams):,} streams in {path}, SHA-256 {tally.digest}."
        self.stdout.write(self.style.SUCCESS(told))
