"""What tests of forms ask for."""

from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eventstore.models import StoredEvent

FRAGMENT = {"HX-Request": "true"}


def send(browser: Client, address: str, **fields: Any) -> Any:
    """Send the form of a command, as a fresh one unless `command_id` is given, and follow where it leads."""
    return browser.post(address, {"command_id": uuid4(), **fields}, follow=True)


def said(answer: Any) -> list[str]:
    """What the messages on the page say."""
    return [str(message) for message in answer.context["messages"]]


def stored() -> list[str]:
    """The types of all stored events, oldest first."""
    return list(StoredEvent.objects.order_by("position").values_list("type", flat=True))


def queries_of(browser: Client, address: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)
