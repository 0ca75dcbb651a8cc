"""Events to and from JSON text, with upcasters for the JSON that older versions wrote."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import msgspec

from eventstore.events import UnknownEvent, type_named, type_of

Upcast = Callable[..., dict[str, Any]]

_upcasters: dict[tuple[str, int], Upcast] = {}
_seeing: set[Upcast] = set()
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}
_one_at_a_time = Lock()
_encoder = msgspec.json.Encoder()


DEEPEST = 100
"""The deepest nesting of stored JSON that is passed on as JSON: other parsers do not read deeper."""


class Undecodable(Exception):
    """The stored JSON does not fit the event class of its name."""


class UpcasterFailed(Undecodable):
    """An upcaster raised an error, or returned something else than the fields of the next version."""


def upcaster(name: str, *, from_version: int, sees_envelope: bool = False) -> Callable[[Upcast], Upcast]:
    """Register a pure function from the JSON of `from_version` to that of the version after it.

    One that `sees_envelope` is also given the recorded event, which says who, when and in which stream.
    """

    def register(upcast: Upcast) -> Upcast:
        if (name, from_version) in _upcasters:
            raise ValueError(f"Two upcasters from version {from_version} of {name!r}")
        _upcasters[name, from_version] = upcast
        if sees_envelope:
            _seeing.add(upcast)
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


def decode(name: str, version: int, data: str, envelope: Any = None) -> Any:
    """Returns the event in `data` (JSON text), brought up to the current version of its class.

    `envelope` is the recorded event, for the upcasters that see it. Raises UnknownEvent when this code does
    not know the name or the version. Raises Undecodable when the JSON does not fit or the class itself fails
    on it, and UpcasterFailed, which names the upcaster, when that does.
    """
    known = type_named(name)
    try:
        decoder = _decoders.get(known.cls) or _new_decoder(known.cls)
        if version == known.version:
            return decoder.decode(data)
        return msgspec.convert(_upcast(name, version, known.version, data, envelope), known.cls)
    except (UnknownEvent, UpcasterFailed, MemoryError):
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


def _upcast(name: str, stored: int, wanted: int, data: str, envelope: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(data)
    version = stored
    while version < wanted:
        upcast = _upcasters.get((name, version))
        if upcast is None:
            raise UnknownEvent(f"No upcaster from version {version} of {name!r}")
        try:
            fields = upcast(fields, envelope) if upcast in _seeing else upcast(fields)
            if not isinstance(fields, dict):
                raise TypeError(f"it returned {type(fields).__name__}, not a dict")
        except MemoryError:
            raise
        except Exception as error:
            named = f"{upcast.__module__}.{getattr(upcast, '__qualname__', upcast)}"
            raise UpcasterFailed(
                f"{name} version {stored}: its upcaster from version {version}, {named}, failed: {error!r}"
            ) from error
        version += 1
    if version != wanted:
        raise UnknownEvent(f"{name!r} version {version} is newer than this code, which knows {wanted}")
    return fields


def registered(event: object) -> tuple[str, int]:
    """The name and the schema version under which `event` is stored."""
    known = type_of(type(event))
    return known.name, known.version
