"""Events as others might have written them, into streams of ours or of their own."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from eventstore.current import current_store
from eventstore.store import NO_STREAM, NewEvent, RecordedEvent
from tests.eventstore.new_events import new_stream, note

HALF = r'{"title":"bell \ud83d"}'
DEEP = "[" * 1500 + "]" * 1500
FOREIGN: dict[str, NewEvent] = {
    "half a character": replace(note(), data=HALF),
    "1,500 nested lists": replace(note(), data=DEEP),
    "300 nested objects": replace(note(), data='{"a":' * 300 + "1" + "}" * 300),
    "no JSON": replace(note(), data="no <JSON> at all"),
    "no number": replace(note(), data='{"amount":NaN}'),
    "a number beyond all": replace(note(), data='{"amount":1e999,"digits":' + "9" * 5000 + "}"),
    "an escaped NUL": replace(note(), data=r'{"text":"\u0000"}'),
    "lines in its type": note(event_type="Two\nid: 0\ndata: {}\n\nLines\r\rThree"),
    "an actor beyond all keys": note(actor="user-" + "9" * 40),
    "the first year": note(occurred_at=datetime(1, 1, 1, tzinfo=UTC)),
    "the last year": note(occurred_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    "a version beyond all": replace(note(event_type="SiteAcquiredByOthers"), schema_version=32_767),
}
"""By what is odd about them; their types are not ours."""


def append(event: NewEvent, stream: str = "", version: int = NO_STREAM) -> RecordedEvent:
    """One event more, after this version of a stream."""
    stream = stream or new_stream()
    current_store().append(stream, version, [event])
    return current_store().read_stream(stream)[-1]


def unreadable(event_type: str, **said: UUID) -> NewEvent:
    """An event of a type of ours that says too little."""
    fields = ",".join(f'"{name}":"{value}"' for name, value in said.items())
    return replace(note(event_type=event_type), data=f"{{{fields}}}")
