"""docs/one-command.md names what is run, and nothing else: each of its sections is traced here.

What is made once in a process's life is no part of it, so each is run once before.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from eventstore.models import Checkpoint, StoredEvent
from eventstore.projections.read_model import registry
from eventstore.worker.follow import ReadModels, follow
from tests import factories

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="The page follows what happens on SQLite"),
]

PAGE = settings.BASE_DIR / "docs/one-command.md"
ELSEWHERE = (".venv", "tests")
Trace = dict[str, set[str]]


@contextmanager
def traced() -> Iterator[Trace]:
    """Our files that this thread runs through meanwhile, and the names of their functions."""
    found: Trace = {}

    def note(frame: FrameType, what: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if (
            what != "call"
            or frame.f_code.co_name.startswith("<")
            or not path.is_relative_to(settings.BASE_DIR)
        ):
            return
        inside = path.relative_to(settings.BASE_DIR)
        if inside.parts[0] not in ELSEWHERE:
            found.setdefault(str(inside), set()).add(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)


def section(title: str) -> Trace:
    """The files that a section of the page links to, with the functions that it names at each."""
    text = PAGE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\d+\. \[.+?\]\(\.\./(.+?)\)(.*(?:\n   .*)*)", text, re.M)
    return {path: set(re.findall(r"`(\w+)\(\)`", words)) for path, words in lines}


def must_tell(title: str, found: Trace) -> None:
    """The section names the files that were run, and at each no function that was not."""
    told = section(title)
    assert sorted(found.keys() - told.keys()) == [], f"{PAGE.name} leaves these out of {title!r}"
    assert sorted(told.keys() - found.keys()) == [], (
        f"{PAGE.name} names these in {title!r}, which are not run"
    )
    assert {path: names - found[path] for path, names in told.items() if names - found[path]} == {}


@pytest.fixture
def send(response: User) -> Callable[[], str]:
    """Sends the form that raises work; answers where the browser is led to."""
    browser = Client()
    browser.force_login(response, backend=settings.AUTHENTICATION_BACKENDS[-1])
    site = factories.acquire()
    form = {"sites": [site], "title": "Leak", "description": "Tap"}
    return lambda: browser.post("/response/", {"command_id": uuid4(), **form})["Location"]


def test_work_is_raised(send: Callable[[], str]) -> None:
    send()
    with traced() as found:
        assert "raised=" in send()
    must_tell("Raise work", found)


class Until(Event):
    """Set as soon as the read model has taken everything in."""

    def is_set(self) -> bool:
        newest = StoredEvent.objects.order_by("position").last()
        return (
            newest is not None and Checkpoint.objects.filter(name="work", position=newest.position).exists()
        )


def follow_until_all_is_taken_in() -> None:
    stop = Until()
    follow(ReadModels(registry.values(), stop), stop)


@pytest.mark.usefixtures("worker")
def test_a_worker_takes_in_one_event() -> None:
    site = factories.acquire()
    follow_until_all_is_taken_in()
    factories.raise_work(site_ids=[site])
    with traced() as found:
        follow_until_all_is_taken_in()
    must_tell("A worker takes in one event", found)


def test_a_read_model_is_rebuilt() -> None:
    factories.raise_work()
    call_command("rebuild", "work", verbosity=0)
    with traced() as found:
        call_command("rebuild", "work", verbosity=0)
    must_tell("A read model is rebuilt", found)
