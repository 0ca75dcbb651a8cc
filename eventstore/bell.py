"""The doorbell."""

from django.dispatch import Signal

events_appended = Signal(use_caching=True)
"""Rung after each append; it only means "advance": a reader that misses a ring loses nothing.

With inline projection it rings inside the appending transaction. `events`, the recorded events of this
append, then spare a reader that stands just before them from reading them again. A receiver that cannot
go that quick way raises Stumbled; the append is rolled back and made again with `careful`.
"""


class Stumbled(Exception):
    """The quick way did not do."""
