"""manage.py rebuild: fill read models anew from the whole history, beside the live tables."""

from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from eventstore.projection import Stopped
from eventstore.read_models import ReadModel, registry
from eventstore.rebuild import Progress, rebuild, stale
from eventstore.shadow import Busy
from eventstore.store import current_store


class Command(BaseCommand):
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
        with tqdm(total=current_store().head(), unit=" events", disable=None) as bar:
            try:
                position = rebuild(chosen, progress=moving(bar))
            except (Busy, Stopped) as error:
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
        return named(options["name"])


def moving(bar: "tqdm[NoReturn]") -> Progress:
    """Moves a progress bar to the position reached."""

    def move(position: int) -> None:
        bar.update(position - bar.n)

    return move


def named(names: list[str]) -> list[ReadModel]:
    """The read models of these names; a CommandError that lists them all when one is unknown."""
    unknown = [name for name in names if name not in registry]
    if unknown:
        known = ", ".join(sorted(registry))
        raise CommandError(
            f"Name a read model (or --all): {known}."
            if unknown == [""]
            else f"There is no read model {unknown[0]}; there are {known}."
        )
    return [registry[name] for name in names]
