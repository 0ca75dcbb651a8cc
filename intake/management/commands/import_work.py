"""manage.py import_work: real service requests as sites, work and completed work."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from intake.importing.batches import take_all
from intake.importing.column_mapping import BadMapping, load_mapping
from intake.importing.csv_file import WrongFile
from intake.importing.intake import Intake
from intake.importing.report import Report
from intake.importing.requests_file import read_requests

# What the summary counts, and the event that says so.
COUNTED = {
    "sites": "SiteAcquired",
    "operatives": "OperativeHired",
    "jobs raised": "WorkRaised",
    "jobs completed": "WorkCompleted",
}


class Command(BaseCommand):
    help = (
        "Import service requests from a CSV file through the ordinary commands, with their original times. "
        "Rows that cannot be taken are reported with their line and the reason. "
        "Importing twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument(
            "--mapping", default="nyc311", help="the name of a ready-made mapping, or a .toml file"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would come of it, store nothing")
        parser.add_argument("--report", type=Path, help="write the rows not taken to this file")

    def handle(self, *, file: Path, mapping: str, dry_run: bool, report: Path | None, **_: Any) -> None:
        if dry_run and settings.EVENT_STORE_URL:
            raise CommandError(
                "A dry run stores everything and takes it back, which KurrentDB cannot do. Try the file in a "
                "database of its own first, with EVENT_STORE_URL unset and DATABASE_URL=sqlite:///try.db: "
                "manage.py migrate, then import_work --dry-run."
            )
        if report is not None:
            self._check(report, file)
        try:
            columns = load_mapping(mapping)
            requests, result = read_requests(file, columns, timezone.now())
        except (BadMapping, WrongFile) as error:
            raise CommandError(str(error)) from error
        intake = Intake(columns.source)
        # disable=None: no bar unless a person watches.
        with tqdm(requests, desc="Importing", unit="row", disable=None, leave=False) as bar:
            take_all(bar, intake, result, dry_run=dry_run)
        self._tell(result, intake, dry_run=dry_run, to_file=report)

    def _tell(self, result: Report, intake: Intake, *, dry_run: bool, to_file: Path | None) -> None:
        if to_file is None:
            self._print(result.lines())
        else:
            self._write(to_file, result.lines())
        self._print(result.summary())
        for twins in sorted(intake.twins):
            self.stdout.write(f"Stored {len(twins)} times before, and left so: {'; '.join(twins)}")
        found = Counter(event for event, _ in result.stored)
        counts = {name: found[event] for name, event in COUNTED.items()}
        new = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        self.stdout.write(f"Newly stored: {new or 'nothing, all of it is there already'}")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was stored.")

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)

    def _check(self, report: Path, file: Path) -> None:
        """Check before anything is stored that the report can be written."""
        if report.resolve() == file.resolve():
            raise CommandError("The report would overwrite the file to import.")
        try:
            report.open("a").close()
        except OSError as error:
            raise CommandError(f"The report {report} cannot be written: {error.strerror}.") from error

    def _write(self, path: Path, lines: Iterable[str]) -> None:
        try:
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The report {path} cannot be written: {error.strerror}.") from error
