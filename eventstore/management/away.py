"""Commands that end with a sentence, not a traceback, while the event store or the database is away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from eventstore.store import Unreachable
from eventstore.trouble import trouble_of


def sentence_of(error: BaseException) -> str | None:
    """What the error says of the event store or the database; None where it says nothing of them."""
    if isinstance(error, Unreachable):
        return f"The event store cannot be reached ({error})."
    trouble = trouble_of(error)
    return f"{trouble.value} ({' '.join(str(error).split())})." if trouble else None


class StoreCommand(BaseCommand):
    """A command that reads the event store."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (Unreachable, Error) as error:
            told = sentence_of(error)
            if told is None:
                raise
            raise CommandError(told) from error
