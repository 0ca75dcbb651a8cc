"""States as plain values, and what a state was made by.

A state may hold what JSON says, in dataclasses, and mappings of a class of its own that is made of a dict.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from typing import Any, get_args, get_type_hints

import msgspec

from eventstore.decider import Decider, S
from eventstore.events import type_of
from eventstore.shapes import fields_of


def plain(state: object) -> str:
    """The state as JSON. Raises TypeError where it holds anything but plain values."""
    return msgspec.json.encode(state, enc_hook=_as_dict).decode()


def _as_dict(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__qualname__} is no plain value")


def from_plain(kind: type[S], state: str) -> S:
    """The state of this type that `plain` has written."""
    return msgspec.json.decode(state, type=kind, dec_hook=_from_dict)


def _from_dict(kind: type[Any], value: dict[str, Any]) -> Any:
    """A mapping of a class of its own, which is made of a dict."""
    (base,) = kind.__orig_bases__
    return kind(msgspec.convert(value, dict[get_args(base)]))  # type: ignore[misc]


def state_version(to: Decider[Any, Any, Any]) -> str:
    """What a state was made by: a number, and a fingerprint of its type and of its events' shapes. Code of
    another version keeps and reads snapshots of its own."""
    return f"{to.state_version}-{_fingerprint(type(to.initial), to.evolve)}"  # type: ignore[arg-type]


@cache
def _fingerprint(state: Any, evolve: Any) -> str:
    shapes: list[Any] = [msgspec.json.schema(state, schema_hook=lambda each: {"title": each.__qualname__})]
    for event in events_of(evolve):
        known = type_of(event)
        fields = {path: (each.type, each.or_null, each.values) for path, each in fields_of(event).items()}
        shapes.append((known.name, known.version, fields))
    return blake2b(msgspec.json.encode(shapes, order="sorted"), digest_size=8).hexdigest()


def events_of(evolve: Any) -> tuple[type, ...]:
    """The events that a function of a state and an event takes, by its annotations."""
    told = get_type_hints(evolve)
    told.pop("return", None)
    _, event = told.values()
    return get_args(event) or (event,)
