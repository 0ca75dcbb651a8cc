"""manage.py project: bring read models up to date, once or for as long as it runs."""

import logging
import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from eventstore.models import Checkpoint
from eventstore.projection import AWAY, advance
from eventstore.read_models import ReadModel, registry
from readmodels.management.commands.rebuild import named

logger = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between two looks when nothing is new
RETRY = 2.0  # seconds before the database is asked again


class Command(BaseCommand):
    help = "Take new events into the read models; one that stopped at an event tries it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="*", help="Read models; all when none is named.")
        parser.add_argument(
            "--follow", action="store_true", help="Go on until told to stop (SIGTERM, Ctrl-C)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = named(options["name"]) if options["name"] else list(registry.values())
        Checkpoint.objects.filter(name__in=[each.name for each in chosen]).update(
            error="", failed_position=None
        )
        if options["follow"]:
            self.follow(chosen)
        while advance(chosen):
            pass
        self.report(chosen)

    def follow(self, chosen: list[ReadModel]) -> None:
        """Advance until a signal asks to stop; what is under way is finished first."""
        stop = threading.Event()

        def ask(_signal: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
        while not stop.is_set():
            try:
                advanced = advance(chosen)
            except AWAY as error:
                logger.error("The database does not answer (%s); trying again", type(error).__name__)
                connection.close()
                advanced = 0
                stop.wait(RETRY)
            if not advanced:
                stop.wait(PAUSE)

    def report(self, chosen: list[ReadModel]) -> None:
        """Say where each stands; a CommandError when one has stopped."""
        checkpoints = Checkpoint.objects.filter(name__in=[each.name for each in chosen]).order_by("name")
        for checkpoint in checkpoints:
            self.stdout.write(f"{checkpoint.name}: position {checkpoint.position}")
        stopped = [f"{each.name} stopped: {each.error}" for each in checkpoints if each.error]
        if stopped:
            raise CommandError("\n".join(stopped))
