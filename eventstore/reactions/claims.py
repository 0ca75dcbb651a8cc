"""Claims of what must happen once and has no id of its own, such as a mail.

Only the holder of the reaction's lock makes claims. So when it finds one that was never marked as done,
the maker has lost the lock: the effect may have happened, and happens again.
"""

from uuid import UUID

from django.db import Error, connection
from django.utils import timezone

from eventstore.database.trouble import trouble_of
from eventstore.models import DoneEffect


def make(claim: UUID) -> bool:
    """Claim an effect; False when it has happened before. Raises the database's error if our session has
    ended, so that somebody else may hold the lock."""
    return DoneEffect.objects.get_or_create(pk=claim)[0].done_at is None


def mark_done(claim: UUID) -> None:
    """Note that the effect has happened. If our session has ended meanwhile, it is noted all the same, and
    then the error is raised."""
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
