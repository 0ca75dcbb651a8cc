"""The doorbell."""

from django.dispatch import Signal

events_appended = Signal(use_caching=True)
"""Rung after each append; it only means "advance": a reader that misses a ring loses nothing.

With inline projection it rings inside the appending transaction. `events`, the recorded events of this
append, then spare a reader that stands just before them from reading them again. A receiver that cannot take
in just these raises LongWay; the append is rolled back and made again, and the bell rung without events.
"""


class LongWay(Exception):
    """A receiver has to read from the store, beginning where it stands."""
