"""Commands that end with a sentence, not a traceback, when the event store or the database is away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from eventstore.database.trouble import trouble_of
from eventstore.store import Declined, NoSuchPosition, Unreachable

ELSEWHERE = (
    "Read models that stand there are put right by manage.py rebuild --all, "
    "reactions by manage.py project --reactions-at now."
)


def sentence_of(error: BaseException) -> str | None:
    """What the error says about the event store or the database; None if it is not about them."""
    if isinstance(error, Unreachable):
        return f"The event store cannot be reached ({error})."
    if isinstance(error, NoSuchPosition):
        return f"{error}. {ELSEWHERE}"
    if isinstance(error, Declined):
        return f"{error}."
    words = " ".join(str(error).split())
    if trouble := trouble_of(error):
        return f"{trouble.value} ({words})."
    if isinstance(error, Error) and _is_behind():
        return f"The database lacks tables of this version ({words}). manage.py migrate makes them."
    return None


def _is_behind() -> bool:
    """Whether the database that the settings name lacks migrations of this code."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error:
        return False


class StoreCommand(BaseCommand):
    """A command that reads the event store."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (Unreachable, Declined, Error) as error:
            told = sentence_of(error)
            if told is None:
                raise
            raise CommandError(told) from error
