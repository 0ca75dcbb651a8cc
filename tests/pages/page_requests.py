"""What several tests of pages ask for."""

import re
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.urls import reverse

from eventstore.models import StoredEvent

FRAGMENT = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    """The words of a page as people read them, with single spaces; what only screen readers get included."""
    shown = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", shown)
    for entity, character in (("&#x27;", "'"), ("&quot;", '"'), ("&amp;", "&")):
        words = words.replace(entity, character)
    return " ".join(words.split())


def press(browser: Client, step: str, work_id: UUID, **data: object) -> Any:
    """Send the form of one job's step, as a fresh one unless `command_id` is given, and go where it leads."""
    sent = {"command_id": uuid4(), **data}
    return browser.post(reverse(step, args=[work_id]), sent, follow=True)


def events_of(work_id: UUID) -> list[str]:
    """The types of everything that happened to a job, oldest first."""
    stored = StoredEvent.objects.filter(stream=f"work-{work_id}").order_by("version")
    return list(stored.values_list("type", flat=True))
