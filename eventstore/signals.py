"""The doorbell."""

from django.dispatch import Signal

events_appended = Signal()
"""Rung after each append; it only means "advance": a reader that misses a ring loses nothing. With inline
projection it rings inside the appending transaction. `events`, the recorded events of this append, spare
a reader that stands just before them from reading them again; every other reads the store."""
