"""How many streams one person or program has open in this process. There is a limit, because each takes
memory and a connection for as long as it lasts (docs/adr/0018)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from django.conf import settings

AGAIN = 15
"""Seconds after which it may be worth asking again: of twenty streams, one ends about that often."""
TOO_MANY = "You have as many streams open here as one may. Close one, or ask again when one has ended"


class TooMany(Exception):
    """The asker already has as many streams as allowed."""


class Request:
    """One request, from its beginning to its end, and the actors whose places it holds. Its view runs in a
    thread of its own, and may go on after the request has ended because the reader left."""

    def __init__(self) -> None:
        self.is_over = False
        self.places: list[str] = []


_open: set[Request] = set()
_lock = Lock()
_current: ContextVar[Request] = ContextVar("the request that is answered")


@contextmanager
def open_request() -> Iterator[None]:
    """Gives back the places that the request takes, however it ends. Used by config/asgi.py."""
    request = Request()
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)
        with _lock:
            request.is_over = True
            _open.discard(request)


def take(whose: str) -> None:
    """Take one more place for this actor, until the current request is over.

    Raises TooMany, and LookupError outside of a request.
    """
    request = _current.get()
    with _lock:
        if _count(whose) >= settings.STREAMS_AT_ONCE:
            raise TooMany
        if not request.is_over:
            request.places.append(whose)
            _open.add(request)


def held_by(whose: str) -> int:
    """How many places this actor holds."""
    with _lock:
        return _count(whose)


def _count(whose: str) -> int:
    return sum(request.places.count(whose) for request in _open)
