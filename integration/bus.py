"""The reaction that tells the broker. The store is the outbox: what is published has been committed, and
what could not be published yet is still there."""

from functools import cache

from django.conf import settings

from eventstore.reactions.reaction import Away, Cause, Reaction
from integration.broker import Broker, NotTaken
from integration.event_messages import told
from integration.translation import TOLD


def connect() -> Reaction:
    """Begin to publish, if the settings name a broker."""
    bus = Reaction("bus")
    for event in TOLD:
        bus.on(event)(publish)
    return bus


def publish(_event: object, cause: Cause) -> None:
    """Publish the integration events of the event, and make sure that the broker has them."""
    for each in told(cause.recorded):
        try:
            broker().publish(each)
        except NotTaken as error:
            raise Away(f"the message broker: {error}") from error


@cache
def broker() -> Broker:
    """The broker that the settings name."""
    return Broker(settings.EVENT_BUS_URL)
