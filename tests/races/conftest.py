"""The stores that are raced for."""

from tests.worker.conftest import store

__all__ = ["store"]
