"""A message broker over AMQP. Only this module and `listen` use kombu."""

from amqp.exceptions import AMQPError, MessageNacked
from cloudevents.core.v1.event import CloudEvent
from kombu import Connection, Exchange, Producer
from kombu.exceptions import KombuError

from integration.translation import CONTENT_TYPE, as_json

EXCHANGE = Exchange("callout", type="topic", durable=True, delivery_mode="persistent")

PATIENCE = 5.0
"""Seconds for the broker to take a connection, and to confirm a message."""


class NotTaken(Exception):
    """The broker did not confirm the message; it may have it all the same."""


class Broker:
    """Publishes, and connects whenever it is not connected. For one thread."""

    def __init__(self, url: str) -> None:
        self._connection = Connection(
            url,
            connect_timeout=PATIENCE,
            transport_options={"confirm_publish": True, "read_timeout": PATIENCE, "write_timeout": PATIENCE},
        )
        self._producer: Producer | None = None

    def publish(self, event: CloudEvent) -> None:
        """Publish the event, and wait until the broker has stored it. Raises NotTaken."""
        try:
            self._publish(event)
        except (AMQPError, KombuError, MessageNacked, OSError) as error:
            self.close()  # whatever state it was in, the next message begins anew
            raise NotTaken(f"{type(error).__name__}: {error}") from error

    def _publish(self, event: CloudEvent) -> None:
        if self._producer is None:
            # Not Connection.default_channel, which would wait for the broker for ever.
            self._producer = Producer(self._connection.channel(), EXCHANGE)
        self._producer.publish(
            as_json(event),
            routing_key=event.get_type(),
            content_type=CONTENT_TYPE,
            content_encoding="utf-8",
            message_id=event.get_id(),
            type=event.get_type(),
            timeout=PATIENCE,
            confirm_timeout=PATIENCE,
        )

    def close(self) -> None:
        """Close the connection; the next message opens another."""
        self._producer = None
        self._connection.collect(socket_timeout=PATIENCE)
