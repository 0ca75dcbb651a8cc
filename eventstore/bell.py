"""The doorbell."""

from django.dispatch import Signal

events_appended = Signal(use_caching=True)
"""Rings after each append. It only means "advance": a reader that misses a ring loses nothing.

With inline projection it rings inside the appending transaction. `events` are then the recorded events of
this append, so that a reader that stands just before them need not read them again. A receiver that cannot
take in just these events raises LongWay; the append is then rolled back and made again, and the bell rings
without events.
"""


class LongWay(Exception):
    """A receiver cannot use the events that it was given: it must read from the store, from its own
    position."""
