"""Paging by key: a page begins after the last row of the page before, so that the thousandth page is as
quick as the first, and new rows do not shift it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list. `after` is the key with which the next page begins; None on the last."""

    rows: Sequence[T]
    after: str | None

    @classmethod
    def of(cls, rows: Sequence[T], size: int, key: Callable[[T], str]) -> "Page[T]":
        """The page of up to `size + 1` rows: the extra one only shows that there is a next page."""
        return cls(rows[:size], key(rows[size - 1]) if len(rows) > size else None)
