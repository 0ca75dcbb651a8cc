"""Events to and from JSON text, with upcasters for the JSON that older versions wrote."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import msgspec

from eventstore.events import UnknownEvent, type_named, type_of

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

_upcasters: dict[tuple[str, int], Upcast] = {}
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}
_one_at_a_time = Lock()
_encoder = msgspec.json.Encoder()


DEEPEST = 100
"""The deepest nesting of stored JSON that is passed on as JSON: other parsers do not read deeper."""


class Undecodable(Exception):
    """The stored JSON does not fit the event class of its name."""


def upcaster(name: str, *, from_version: int) -> Callable[[Upcast], Upcast]:
    """Register a pure function from the JSON of `from_version` to that of the version after it."""

    def register(upcast: Upcast) -> Upcast:
        if (name, from_version) in _upcasters:
            raise ValueError(f"Two upcasters from version {from_version} of {name!r}")
        _upcasters[name, from_version] = upcast
        return upcast

    return register


def upcasters() -> dict[str, dict[int, Upcast]]:
    """Every upcaster, by the event's name and the version from which it leads."""
    found: dict[str, dict[int, Upcast]] = {}
    for (name, version), upcast in _upcasters.items():
        found.setdefault(name, {})[version] = upcast
    return found


def encode(event: object) -> str:
    """Returns the event as JSON text, in the schema version that its class declares."""
    return _encoder.encode(event).decode()


def decode(name: str, version: int, data: str) -> Any:
    """Returns the event in `data` (JSON text), brought up to the current version of its class.

    Raises UnknownEvent when this code does not know the name or the version. Raises Undecodable when the
    JSON does not fit, or when an upcaster or the class itself fails on it.
    """
    known = type_named(name)
    try:
        decoder = _decoders.get(known.cls) or _new_decoder(known.cls)
        if version == known.version:
            return decoder.decode(data)
        return msgspec.convert(_upcast(name, version, known.version, data), known.cls)
    except (UnknownEvent, MemoryError):
        raise
    except Exception as error:
        reason = error if isinstance(error, msgspec.MsgspecError) else repr(error)
        raise Undecodable(f"{name} version {version}: {reason}") from error


def json_of(data: str) -> Any:
    """Returns stored JSON as Python values, to be shown. Returns the text itself when it is not JSON,
    contains half a surrogate pair, or is nested too deep."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return data
    return data if data.count("[") + data.count("{") > DEEPEST and _is_deep(found) else found


def _is_deep(found: Any) -> bool:
    level = [found]
    for _ in range(DEEPEST):
        inside = [
            each.values() if isinstance(each, dict) else each
            for each in level
            if isinstance(each, dict | list)
        ]
        level = [each for some in inside for each in some]
    return bool(level)


def _new_decoder(cls: type) -> msgspec.json.Decoder[Any]:
    """Make and keep the decoder of this class."""
    # msgspec stores on a class how to decode it, and the value is incomplete while it inspects the
    # nested classes. A thread that uses an incomplete one crashes the process.
    with _one_at_a_time:
        decoder = _decoders[cls] = msgspec.json.Decoder(cls)
    return decoder


def _upcast(name: str, version: int, wanted: int, data: str) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(data)
    while version < wanted:
        upcast = _upcasters.get((name, version))
        if upcast is None:
            raise UnknownEvent(f"No upcaster from version {version} of {name!r}")
        fields = upcast(fields)
        version += 1
    if version != wanted:
        raise UnknownEvent(f"{name!r} version {version} is newer than this code, which knows {wanted}")
    return fields


def registered(event: object) -> tuple[str, int]:
    """The name and the schema version under which `event` is stored."""
    known = type_of(type(event))
    return known.name, known.version
