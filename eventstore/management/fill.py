"""What the commands that move events share: filling a store, and saying how that went."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec
from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error

from eventstore.management.command import sentence_of
from eventstore.management.progress import Bar
from eventstore.projections.advance import advance
from eventstore.store import Declined, Unreachable
from eventstore.transfer.copy import Moved, events_of, move, verify
from eventstore.transfer.open_store import Opened
from eventstore.transfer.portable import CannotMove, PortableEvent
from eventstore.worker.health import conditions, reaction_conditions

Say = Callable[[str], object]

AGAIN = "What was moved stays; the same command goes on from there."


@contextmanager
def in_a_sentence(then: str = AGAIN) -> Iterator[None]:
    """Turn an expected error into a sentence that ends the command; `then` says what remains of it."""
    try:
        yield
    except CannotMove as error:
        raise CommandError(str(error)) from error
    except (Unreachable, Declined, Error) as error:
        told = sentence_of(error) or f"The database fails ({' '.join(str(error).split())})."
        raise CommandError(f"{told} {then}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CommandError(f"The source holds an event of another make: {error}.") from error
    except OSError as error:
        raise CommandError(f"{error.filename or 'The file'}: {error.strerror or error}.") from error
    except KeyboardInterrupt:
        raise CommandError(f"Stopped. {then}") from None


def fill(target: Opened, source: Iterable[PortableEvent], say: Say) -> Moved:
    """Move the events, then verify by reading the whole target."""
    moved = move(source, target)
    say(f"Moved {moved.appended:,} events; {moved.tally.events - moved.appended:,} stood there before.")
    with Bar("Verifying ", total=target.store.head()) as bar:
        verify(moved.tally, events_of(target.store, bar.moved))
    streams = len(moved.tally.streams)
    say(f"Verified: {moved.tally.events:,} events of {streams:,} streams, SHA-256 {moved.tally.digest}.")
    return moved


def follow_up(target: Opened, say: Say) -> None:
    """Bring the read models up to date if this process does that; otherwise say who does."""
    if not target.is_current:
        say("Once the settings name that store, and before anybody works with it: manage.py rebuild --all")
        if reaction_conditions():
            say("and: manage.py project --reactions-at now. Where they stand is a position of the old store.")
        return
    if settings.PROJECTION != "inline":
        say("The worker takes the events into the read models: manage.py project --follow")
        return
    with Bar("Read models ") as bar:
        position = 0
        while events := advance():
            position = min((each.position for each in conditions()), default=position)
            bar.moved(events, position)
    behind = [each.name for each in conditions() if each.error or each.outdated]
    if behind:
        say(f"Not up to date: {', '.join(behind)}. manage.py project --status says why.")
    else:
        say("The read models are up to date.")
