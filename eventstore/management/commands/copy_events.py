"""manage.py copy_events: move the events of one store into another."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from eventstore.management.fill import fill, follow_up, in_a_sentence
from eventstore.management.progress import Bar
from eventstore.transfer.copy import events_of
from eventstore.transfer.open_store import KINDS, opened


class Command(BaseCommand):
    help = (
        "Copy every event into another store, in order, and verify it. Run again, it goes on where it was "
        "cut off, or copies what has come since. An event keeps its stream, version, id, type, data, "
        "metadata and occurred_at; positions and recorded_at, when a store took it, are the new store's own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="source", required=True, metavar="URL", help=KINDS)
        parser.add_argument(
            "--to",
            dest="target",
            required=True,
            metavar="URL",
            help="A store that is empty, or holds the first events of the source and no others. Nobody else "
            "may append to it meanwhile.",
        )
        prefix = settings.EVENT_STORE_PREFIX
        for name in ("--from-prefix", "--to-prefix"):
            parser.add_argument(
                name,
                default=prefix,
                metavar="WORD",
                help=f"Of the streams in KurrentDB; {prefix} if not given.",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        with (
            in_a_sentence(),
            opened(options["source"], prefix=options["from_prefix"]) as source,
            opened(options["target"], prefix=options["to_prefix"]) as target,
        ):
            self.stdout.write(f"From {source.name} to {target.name}")
            with Bar("Copying ", total=source.store.head()) as bar:
                moved = fill(target, events_of(source.store, bar.moved), self.stdout.write)
            follow_up(target, self.stdout.write)
            self.stdout.write(self.style.SUCCESS(f"{target.name} holds all {moved.tally.events:,} events."))
