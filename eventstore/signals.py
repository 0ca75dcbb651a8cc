"""The doorbell."""

from django.dispatch import Signal

events_appended = Signal()
"""Rung after each append. It carries no events and only means "advance": a reader that missed a ring
loses nothing. With inline projection it rings inside the appending transaction."""
