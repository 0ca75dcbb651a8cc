"""Events: immutable facts, registered under the name that the store keeps.

The store keeps the name and not the class, so a class can be renamed without losing its history. What an
event means stands in its docstring, and what a field means in its type.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from inspect import cleandoc
from typing import TypeVar, dataclass_transform

T = TypeVar("T")

NOBODY = "nobody"
"""Whose a text is that says nothing of any person."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a field says: `quantity: Annotated[int, Means("how many were added", unit="pieces")]`.

    Every number has a `unit`. Every text says whose it is: `personal` is a kind of aggregate, such as
    "buyer", or NOBODY; what people wrote about a job is the job's. Which buyer it is stands in the event's
    `buyer_id`, or else in the field that `identifies` one. Of two that meet in one type the later completes
    the earlier.
    """

    what: str = ""
    _: KW_ONLY
    unit: str = ""
    personal: str = ""
    identifies: str = ""


class UnknownEvent(Exception):
    """The store holds an event with a name or schema version that this code does not know."""


@dataclass(frozen=True, slots=True)
class EventType:
    """The name, schema version and class of an event, and what it means. A retired one is still read, and
    no longer written: `retired` says since when, and why."""

    name: str
    version: int
    cls: type
    means: str
    retired: str


_by_name: dict[str, EventType] = {}
_by_class: dict[type, EventType] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, *, version: int = 1, retired: str = "") -> Callable[[type[T]], type[T]]:
    """Makes the class a frozen, keyword-only dataclass and registers it as `name`.

    `version` is the schema version that is written from now on. Upcasters bring older ones up to it (see
    codec.py). `retired` says why it is no longer written. Raises ValueError when the name is already taken.
    """

    def register(cls: type[T]) -> type[T]:
        means = cleandoc(cls.__doc__ or "")  # a dataclass without a docstring is given one that means nothing
        made = dataclass(frozen=True, kw_only=True, slots=True)(cls)
        if name in _by_name:
            raise ValueError(f"Two event classes are registered as {name!r}")
        _by_name[name] = _by_class[made] = EventType(name, version, made, means, retired)
        return made

    return register


def type_named(name: str) -> EventType:
    """The registration of `name`; raises UnknownEvent."""
    try:
        return _by_name[name]
    except KeyError:
        raise UnknownEvent(f"No event class is registered as {name!r}") from None


def type_of(cls: type) -> EventType:
    """The registration of an event class; raises UnknownEvent."""
    try:
        return _by_class[cls]
    except KeyError:
        raise UnknownEvent(f"{cls.__qualname__} is not registered as an event") from None


def all_types() -> list[EventType]:
    """Every registered event type, by name."""
    return sorted(_by_name.values(), key=lambda each: each.name)
