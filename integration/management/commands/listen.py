"""manage.py listen: what a system downstream does, in ten lines."""

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from kombu import Connection, Consumer, Exchange, Message, Queue, binding

from integration.events import by_type


class Command(BaseCommand):
    help = "Print the integration events that come from now on. Ends with Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--types",
            nargs="+",
            default=["#"],
            help=f"{', '.join(by_type)}; or a pattern such as callout.work.*",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EVENT_BUS_URL:
            raise CommandError(
                "EVENT_BUS_URL must name the message broker, amqp://user:password@host:5672//."
            )
        exchange = Exchange("callout", type="topic", durable=True)
        bindings = [binding(exchange, each) for each in options["types"]]
        # A queue that goes when we go. A receiver that must not miss anything gives it a name, and makes
        # it durable.
        queue = Queue(bindings=bindings, exclusive=True, auto_delete=True)
        with (
            Connection(settings.EVENT_BUS_URL) as connection,
            Consumer(connection, queue, callbacks=[self.show], accept=["application/cloudevents+json"]),
            suppress(KeyboardInterrupt),
        ):
            self.stderr.write("Listening")
            while True:
                connection.drain_events()

    def show(self, body: Any, message: Message) -> None:
        self.stdout.write(str(body))
        message.ack()  # only now does the broker forget it
