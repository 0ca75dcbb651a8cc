"""What worker processes under test have beside the application: a reaction, and a place that is poison.

The reaction hires a caretaker for each site that is acquired, once; it fails for a site in Grim Town while
the file that GRIM names is there. So does the sites' read model for a site in Poison Town, with POISON.
With LETTERS, a file, another reaction writes the town of each site to it, once, taking LETTER_TAKES seconds.
SILENCE says for how many seconds it may say nothing while it holds locks, PATIENCE for how many a call to
KurrentDB is tried again, LONG_TIMEOUT how many reading may take.
"""

import os
import time
from pathlib import Path
from uuid import UUID, uuid5

from django.apps import AppConfig

from eventstore.database import lock
from eventstore.kurrent import connection
from eventstore.reactions.reaction import Cause, Reaction
from operatives.commands import HireOperative
from sites.events import SiteAcquired, SiteCorrected


class ExtrasConfig(AppConfig):
    name = "tests.worker.extras"
    label = "extras"

    def ready(self) -> None:
        from eventstore.kurrent import store as kurrent  # with tables, which there are from now on
        from operatives.operative import OPERATIVE

        hire_caretakers = Reaction("hire caretakers")

        @hire_caretakers.on(SiteAcquired)
        def hire(event: SiteAcquired, cause: Cause) -> None:
            if event.town == "Grim Town" and is_set("GRIM"):
                raise LookupError("nobody wants to work there")
            command = HireOperative(
                operative_id=caretaker_of(event.site_id), forename="Caretaker", surname=event.town
            )
            cause.dispatch(command, to=OPERATIVE)

        if "LETTERS" in os.environ:
            write_letters(Path(os.environ["LETTERS"]), float(os.environ["LETTER_TAKES"]))
        poison()
        if "SILENCE" in os.environ:
            lock.SILENCE = float(os.environ["SILENCE"])
        for module, name in ((connection, "PATIENCE"), (kurrent, "LONG_TIMEOUT")):
            if name in os.environ:
                setattr(module, name, float(os.environ[name]))


def write_letters(file: Path, takes: float) -> None:
    """A reaction with an effect that has no id of its own, and takes time."""
    letters = Reaction("letters")

    @letters.on(SiteAcquired)
    def write(event: SiteAcquired, cause: Cause) -> None:
        cause.once(lambda: hand_over(event.town))

    def hand_over(town: str) -> None:
        time.sleep(takes)
        with file.open("a") as post:
            post.write(f"{town}\n")


def caretaker_of(site_id: UUID) -> UUID:
    """The caretaker who is hired for a site."""
    return uuid5(site_id, "caretaker")


def is_set(name: str) -> bool:
    """Whether the file that this variable names is there."""
    return name in os.environ and Path(os.environ[name]).exists()


def poison() -> None:
    """Let the sites' updater fail in Poison Town."""
    from readmodels import sites
    from readmodels.models import SiteRow

    set_particulars = sites.set_particulars

    def fails(row: SiteRow, event: SiteAcquired | SiteCorrected) -> None:
        if event.town == "Poison Town" and is_set("POISON"):
            raise LookupError("no such town")
        set_particulars(row, event)

    sites.set_particulars = fails
