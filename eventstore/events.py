"""Events: immutable facts, registered under the name that the store keeps.

The store keeps the name and not the class, so a class can be renamed without losing its history.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


class UnknownEvent(Exception):
    """The store holds an event with a name or schema version that this code does not know."""


@dataclass(frozen=True, slots=True)
class EventType:
    """The name, schema version and class of an event."""

    name: str
    version: int
    cls: type


_by_name: dict[str, EventType] = {}
_by_class: dict[type, EventType] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, *, version: int = 1) -> Callable[[type[T]], type[T]]:
    """Makes the class a frozen, keyword-only dataclass and registers it as `name`.

    `version` is the schema version that is written from now on. Upcasters bring older ones up to it (see
    codec.py). Raises ValueError when the name is already taken.
    """

    def register(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, kw_only=True, slots=True)(cls)
        if name in _by_name:
            raise ValueError(f"Two event classes are registered as {name!r}")
        _by_name[name] = _by_class[made] = EventType(name, version, made)
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
