"""Requests to pages that several tests make, and what their answers say."""

import re
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eventstore.models import StoredEvent

FRAGMENT = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    """The words of a page as people read them, with single spaces; texts for screen readers are included."""
    shown = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", shown)
    for entity, character in (("&#x27;", "'"), ("&quot;", '"'), ("&amp;", "&")):
        words = words.replace(entity, character)
    return " ".join(words.split())


def press(browser: Client, step: str, work_id: UUID, **data: object) -> Any:
    """Send the form of one job's step, as a fresh one unless `command_id` is given, and follow the
    redirect."""
    sent = {"command_id": uuid4(), **data}
    return browser.post(reverse(step, args=[work_id]), sent, follow=True)


def events_of(work_id: UUID) -> list[str]:
    """The types of everything that happened to a job, oldest first."""
    stored = StoredEvent.objects.filter(stream=f"work-{work_id}").order_by("version")
    return list(stored.values_list("type", flat=True))


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
