"""Claims of what must happen once and has no id of its own, such as a mail.

Only who holds the reaction's lock makes them. Who finds one that was never marked therefore knows that its
maker has lost that lock: the effect was perhaps had, and is had again.
"""

from uuid import UUID

from django.db import Error, connection
from django.utils import timezone

from eventstore.database.trouble import trouble_of
from eventstore.models import DoneEffect


def make(claim: UUID) -> bool:
    """Claim an effect; False when it was had before. Raises the database's error where our session has ended,
    and somebody else may hold the lock."""
    return DoneEffect.objects.get_or_create(pk=claim)[0].done_at is None


def mark_done(claim: UUID) -> None:
    """Note that the effect was had. That is so even where our session has ended meanwhile: then it is noted
    all the same, before the error is raised."""
    try:
        _mark(claim)
    except Error as error:
        if not trouble_of(error):
            raise
        connection.close()
        _mark(claim)
        raise


def _mark(claim: UUID) -> None:
    DoneEffect.objects.filter(pk=claim).update(done_at=timezone.now())
