"""Stores that fail, as for the pages."""

from tests.pages.conftest import unreachable, use_store

__all__ = ["unreachable", "use_store"]
