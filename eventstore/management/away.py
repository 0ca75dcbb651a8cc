"""Commands that end with a sentence, not a traceback, while the event store or the database is away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from eventstore.store import Unreachable
from eventstore.trouble import trouble_of


class StoreCommand(BaseCommand):
    """A command that reads the event store."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except Unreachable as error:
            raise CommandError(f"The event store cannot be reached ({error}).") from error
        except Error as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            raise CommandError(f"{trouble.value} ({' '.join(str(error).split())}).") from error
