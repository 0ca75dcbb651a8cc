"""manage.py rebuild: fill read models again from the whole history, beside the live tables."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from eventstore.management.command import StoreCommand
from eventstore.management.names import named
from eventstore.management.progress import Bar
from eventstore.projections.advance import Stopped
from eventstore.projections.read_model import ReadModel, registry
from eventstore.projections.rebuild import rebuild, stale
from eventstore.projections.shadow import Barred, Busy


class Command(StoreCommand):
    help = "Rebuild read models from all events; pages stay readable meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="*", help=f"One or several of: {', '.join(sorted(registry))}.")
        parser.add_argument("--all", action="store_true", help="Every read model.")
        parser.add_argument(
            "--stale", action="store_true", help="Those that other code than this has filled."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = self.chosen(options)
        if not chosen:
            self.stdout.write("Every read model is of this code's version; nothing to rebuild.")
            return
        with Bar() as bar:
            try:
                position = rebuild(chosen, progress=bar.moved)
            except (Barred, Busy, Stopped) as error:
                raise CommandError(f"{error}. The live tables are as they were.") from error
        names = ", ".join(each.name for each in chosen)
        self.stdout.write(self.style.SUCCESS(f"Rebuilt {names} up to position {position}."))

    def chosen(self, options: dict[str, Any]) -> list[ReadModel]:
        """The read models that the command line names."""
        if options["all"]:
            return list(registry.values())
        if options["stale"]:
            return stale()
        if not options["name"]:
            raise CommandError(f"Name a read model, or say --all: {', '.join(sorted(registry))}.")
        return named(options["name"], registry)
