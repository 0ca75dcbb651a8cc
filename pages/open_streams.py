"""How many streams one person or program has open in this process: so many and no more, for each takes memory
and a connection for as long as it lasts (docs/adr/0018)."""

from threading import Lock

from django.conf import settings

AGAIN = 15
"""Seconds after which it may be worth asking again: of twenty streams, one ends about as often."""
TOO_MANY = "You have as many streams open here as one may. Close one, or ask again when one has ended"


class TooMany(Exception):
    """Whoever asks holds every place that one may."""


class Place:
    """What one open stream takes up, until it is given back."""

    def __init__(self, whose: str) -> None:
        self.whose = whose

    def give_back(self) -> None:
        """Once or more often, in any thread; without the lock, for whoever collects garbage may hold it."""
        _taken.discard(self)


_taken: set[Place] = set()
_taking = Lock()


def take(whose: str) -> Place:
    """One more place for this actor. Raises TooMany."""
    with _taking:
        if held_by(whose) >= settings.STREAMS_AT_ONCE:
            raise TooMany
        place = Place(whose)
        _taken.add(place)
        return place


def held_by(whose: str) -> int:
    """How many places this actor holds."""
    return sum(each.whose == whose for each in _taken.copy())
