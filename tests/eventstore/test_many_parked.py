"""Parked events cost nobody else anything, however many they are and whatever they contain."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from threading import Event

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eventstore.current import current_store
from eventstore.database.trouble import LONGEST_WORDS
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.reactions import delivery, reaction
from eventstore.reactions.delivery import ATTEMPTS, Reactions
from eventstore.reactions.parked import dismiss
from eventstore.reactions.reaction import Cause, Reaction
from eventstore.store import Batch
from readmodels.sites import sites
from sites.events import SiteAcquired, SiteCorrected
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 10_000
UNKEPT = "a NUL \0, half a character \ud83d, " + "and a long story" * 1000


class Visits:
    """A reaction that visits each site, and fails when `fails` says so."""

    def __init__(self) -> None:
        self.fails = ""
        self.visited: list[str] = []
        self.reaction = Reaction("visits")
        self.reaction.on(SiteAcquired)(self.visit)
        self.reaction.on(SiteCorrected)(self.visit)

    def visit(self, event: SiteAcquired | SiteCorrected, _cause: Cause) -> None:
        if self.fails:
            raise ValueError(self.fails)
        self.visited.append(event.town)

    def work(self) -> None:
        follower = Reactions([self.reaction], Event())
        follower.take(follower.names, follower.catch_up(follower.names), None)


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> Visits:
    monkeypatch.setattr(reaction, "registry", {})
    return Visits()


def parked_of(kind: str) -> Iterator[ParkedEvent]:
    """Many events of this kind, as they are after years."""
    now = timezone.now()
    for number in range(MANY):
        row = ParkedEvent(reaction="visits", position=10**9 + number, version=number, type="SiteAcquired")
        row.stream = "site-one" if kind == "behind" else f"site-{number}"
        if kind == "parked" or (kind == "behind" and not number):
            row.attempts, row.error = ATTEMPTS, "LookupError"
        elif kind == "retrying":
            row.attempts, row.error, row.due_at = 3, "LookupError", now + timedelta(hours=1)
        elif kind == "timer":
            row.is_timer, row.due_at = True, now + timedelta(hours=1)
        yield row


@pytest.mark.parametrize("kind", ["parked", "retrying", "behind", "timer"])
def test_a_live_event_reads_no_table_of_parked_events(visits: Visits, kind: str) -> None:
    """Each question is answered by an index, so that it costs the same however many are parked."""
    visits.work()
    ParkedEvent.objects.bulk_create(parked_of(kind), batch_size=2000)
    stands = delivery.position(visits.reaction)
    factories.acquire(town="Whitby")
    events = current_store().read_all(stands, 10)
    follower = Reactions([visits.reaction], Event())
    with CaptureQueriesContext(connection) as ran:
        follower.take(follower.names, stands, Batch(events, events[-1].position))
    assert visits.visited == ["Whitby"]
    asked = [each["sql"] for each in ran.captured_queries if ParkedEvent._meta.db_table in each["sql"]]
    assert asked
    for statement in asked:
        assert not re.search(READS_ALL, plan(statement), re.MULTILINE), statement


READS_ALL = (
    rf"(Seq Scan on|SCAN) {ParkedEvent._meta.db_table}"
    r"|\(reaction=\?\)|Index Cond: \(\(reaction\)::text = '[^']*'::text\)$"
)
"""In a plan: the whole table, or by an index all that is one reaction's."""


def plan(statement: str) -> str:
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {statement}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


# --- Behind another ----------------------------------------------------------------------------------------


def first_and_next(visits: Visits) -> tuple[ParkedEvent, ParkedEvent]:
    """An event that failed too often, and one of its stream behind it."""
    site_id = factories.acquire(town="Grim Town")
    factories.correct(site_id, town="Whitby")
    visits.fails = "no way"
    visits.work()
    visits.fails = ""
    ParkedEvent.objects.exclude(error="").update(attempts=ATTEMPTS, due_at=None)
    first, following = ParkedEvent.objects.order_by("position")
    return first, following


def test_what_waits_behind_another_has_no_time_of_its_own_until_that_is_gone(visits: Visits) -> None:
    first, following = first_and_next(visits)
    assert ParkedEvent.objects.get(due_at=None, attempts=0) == following
    assert dismiss(first.pk, by="user-1")
    following.refresh_from_db()
    assert following.due_at is not None
    visits.work()
    assert visits.visited == ["Whitby"]


@pytest.mark.postgresql
def test_somebody_who_takes_the_first_away_sees_what_was_put_behind_it_meanwhile(visits: Visits) -> None:
    first, following = first_and_next(visits)
    recorded = current_store().read_stream(following.stream, following.version)[0]
    following.delete()
    with Beside(1) as beside:
        with transaction.atomic():
            assert delivery.is_blocked(visits.reaction, first.stream)
            dismissing = beside.run(lambda: dismiss(first.pk, by="user-1"))
            time.sleep(0.3)
            assert not dismissing.done()
            delivery.park(visits.reaction, recorded, due_at=None)
        assert dismissing.result(PATIENCE)
    visits.work()
    assert visits.visited == ["Whitby"]


def test_what_earlier_code_put_behind_another_comes_after_it(visits: Visits) -> None:
    first, following = first_and_next(visits)
    ParkedEvent.objects.filter(pk=following.pk).update(due_at=timezone.now())
    import_module("eventstore.migrations.0007_parked_due").not_due_behind_another(apps, None)
    first.refresh_from_db()
    following.refresh_from_db()
    assert (first.attempts, following.due_at) == (ATTEMPTS, None)


# --- Whatever an error says ---------------------------------------------------------------------------


def test_a_reaction_keeps_what_went_wrong_whatever_it_says(visits: Visits) -> None:
    visits.fails = UNKEPT
    factories.acquire(town="Grim Town")
    for _ in range(2):
        visits.work()
        ParkedEvent.objects.update(due_at=timezone.now())
    parked = ParkedEvent.objects.get()
    assert parked.attempts == 2
    assert parked.error.startswith(r"ValueError: a NUL \0, half a character \ud83d, and a long story")
    assert len(parked.error) < 2 * LONGEST_WORDS


def test_a_read_model_keeps_why_it_stopped_whatever_that_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(UNKEPT)

    monkeypatch.setattr(sites, "take", fail)
    factories.acquire()
    factories.hire()
    stopped = Checkpoint.objects.exclude(error="").get()
    assert stopped.name == "sites"
    assert r"a NUL \0, half a character \ud83d" in stopped.error
