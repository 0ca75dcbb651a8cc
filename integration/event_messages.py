"""The integration events for an event of the current store."""

from cloudevents.core.v1.event import CloudEvent
from django.conf import settings

from eventstore.current import current_store
from eventstore.store import RecordedEvent
from integration.translation import translate


def told(recorded: RecordedEvent) -> list[CloudEvent]:
    """The integration events for this event, in order."""

    def earlier() -> list[RecordedEvent]:
        return current_store().read_stream(recorded.stream)[: recorded.version]

    return translate(recorded, earlier, currency=settings.CURRENCY)
