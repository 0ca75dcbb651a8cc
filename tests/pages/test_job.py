"""One job's whole story."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from eventstore.models import StoredEvent
from readmodels.models import WorkRow
from support.events import AbandonReason
from support.work import Stage
from tests import factories
from tests.pages.page_requests import text_of


def look(browser: Client, work_id: UUID) -> Any:
    return browser.get(f"/work/{work_id}/")


@pytest.fixture
def eventful(response: User, control: User, operative: User) -> UUID:
    """A job that Peter gave back and Olive completed, both sent by Control."""
    peter, olive = factories.hire("Peter", "Quill"), operative.operative_id
    assert olive is not None
    sent = control.actor
    work_id = factories.raise_work(
        "Boiler out", "Cold since\nthis morning", at=factories.noon(1), by=response.actor
    )
    factories.assign(work_id, peter, at=factories.noon(1, 10), by=sent)
    factories.set_out(work_id, at=factories.noon(1, 15), estimated_arrival=factories.noon(1, 40), by=sent)
    factories.arrive(work_id, at=factories.noon(1, 52), by=sent)
    factories.abandon(work_id, AbandonReason.PARTS_NEEDED, "A new fan", at=factories.noon(1, 60), by=sent)
    factories.assign(work_id, olive, at=factories.noon(1, 65), by=sent)
    factories.complete(work_id, "Switched it on", at=factories.noon(1, 185), by=operative.actor)
    return work_id


def test_namesakes_are_distinguished(stranger_client: Client) -> None:
    """In the story, among the facts, and when the job has come back: also from who has left."""
    first, second = (factories.hire("Sam", "Fox", at=factories.noon(day)) for day in (1, 2))
    factories.release(first, at=factories.noon(3))
    work_id = factories.raise_work("Boiler out", at=factories.noon(3))
    factories.assign(work_id, second, at=factories.noon(3, 10))
    called = "Sam Fox (since 2 Mar 2026)"
    words = text_of(look(stranger_client, work_id))
    assert f"chose {called}" in words
    assert f"Operative {called}" in words
    factories.abandon(work_id, AbandonReason.PARTS_NEEDED, at=factories.noon(3, 20))
    words = text_of(look(stranger_client, work_id))
    assert f"for {called}: Parts needed" in words
    assert f"back from {called}" in words


def test_the_story_from_top_to_bottom(stranger_client: Client, eventful: UUID) -> None:
    words = text_of(look(stranger_client, eventful))
    told = [
        "Response raised it 1 Mar 12:00 Cold since this morning",
        "10 min waiting for Control Control chose Peter Quill",
        "5 min in the queue Departure reported by Control for Peter Quill 1 Mar 12:15",
        "Expected to arrive at 1 Mar 12:40",
        "37 min on the way Arrival reported by Control for Peter Quill",
        "12 min later than estimated 1 Mar 12:52",
        "8 min on site Abandonment reported by Control for Peter Quill: Parts needed 1 Mar 13:00 A new fan",
        "5 min waiting for Control again Control chose Olive Marsh",
        "2 h in the queue Olive Marsh completed it without a visit",
        "1 Mar 15:05 Switched it on",
    ]
    places = [words.find(each) for each in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)
    assert "3 h 5 min in all" in words


def test_open_work_says_how_long_it_has_been_so(stranger_client: Client) -> None:
    work_id = factories.raise_work(at=timezone.now() - timedelta(minutes=90))
    assert "1 h 30 min waiting for Control, until now" in text_of(look(stranger_client, work_id))


def test_the_facts_beside_it(stranger_client: Client) -> None:
    mill = factories.acquire("9 Mill Lane", "York", "YO1 9ZZ", "01904 555 555")
    page = look(stranger_client, factories.raise_work(site_ids=[factories.acquire(), mill]))
    words = text_of(page)
    assert "Sites 2 1 Harbour Street Whitby YO21 1AA" in words
    assert "9 Mill Lane York YO1 9ZZ" in words
    assert b'href="tel:01904555555"' in page.content
    assert b"google.com/maps/search/?api=1&amp;query=9+Mill+Lane%2C+York+YO1+9ZZ" in page.content
    assert f'href="/work/?site={mill}"'.encode() in page.content


def test_events_are_one_press_deeper_for_those_who_may_see_them(
    administration_client: Client, stranger_client: Client, eventful: UUID
) -> None:
    page = look(administration_client, eventful)
    stored = StoredEvent.objects.get(stream=f"work-{eventful}", version=3)
    words = text_of(page)
    assert page.content.count(b'<details class="envelope') == 7
    assert (
        f"OperativeArrived, schema version 1 Version 3 of work-{eventful} Position {stored.position}" in words
    )
    assert all(str(each) in words for each in (stored.id, stored.correlation_id, stored.causation_id))
    assert b"&quot;reason&quot;: &quot;parts_needed&quot;" in page.content
    assert b'<details class="envelope' not in look(stranger_client, eventful).content


def test_an_actor_who_never_signed_in_is_named_as_stored(stranger_client: Client) -> None:
    work_id = factories.raise_work(by="import 311")
    assert "import 311 raised it" in text_of(look(stranger_client, work_id))


def test_text_is_shown_and_not_run(stranger_client: Client) -> None:
    page = look(stranger_client, factories.raise_work("<b>Boiler", "<script>alert(1)</script>"))
    assert b"<script>alert" not in page.content
    assert b"&lt;b&gt;Boiler" in page.content


def test_an_event_that_this_code_does_not_know_is_told_all_the_same(
    administration_client: Client, eventful: UUID
) -> None:
    StoredEvent.objects.filter(stream=f"work-{eventful}", version=1).update(
        type="WorkImagined", data="no JSON"
    )
    page = look(administration_client, eventful)
    assert page.status_code == 200
    assert "WorkImagined" in text_of(page)


def test_a_job_that_no_read_model_knows_yet_has_a_story(stranger_client: Client, eventful: UUID) -> None:
    WorkRow.objects.all().delete()
    page = look(stranger_client, eventful)
    assert page.status_code == 200
    assert "Response raised it" in text_of(page)


def test_only_control_is_led_to_assign(
    control_client: Client, response_client: Client, stranger_client: Client
) -> None:
    work_id = factories.raise_work()
    assign = f'href="/control/?work={work_id}"'.encode()
    assert assign in look(control_client, work_id).content
    for browser in (response_client, stranger_client):
        assert assign not in look(browser, work_id).content
    factories.assign(work_id, factories.hire("Peter", "Quill"))
    held = look(control_client, work_id)
    assert assign not in held.content
    assert "Peter\u2019s queue" in text_of(held)


def test_an_operative_is_led_to_their_own_page_from_their_own_job(
    operative: User, operative_client: Client, other_operative_client: Client
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    mine = f'class="btn btn-main" href="/operatives/{operative.operative_id}/"'.encode()
    assert mine in look(operative_client, work_id).content
    assert mine not in look(other_operative_client, work_id).content


def test_response_may_raise_more_at_the_same_sites(response_client: Client, stranger_client: Client) -> None:
    first, second = factories.acquire(), factories.acquire()
    work_id = factories.raise_work(site_ids=[first, second])
    again = f'href="/response/?sites={first}&amp;sites={second}"'.encode()
    assert again in look(response_client, work_id).content
    assert again not in look(stranger_client, work_id).content


def test_what_was_never_raised_is_not_there(stranger_client: Client) -> None:
    site = factories.acquire()
    for unknown in (uuid4(), site):
        assert look(stranger_client, unknown).status_code == 404
    assert stranger_client.get("/work/412/").status_code == 404


def test_nothing_is_changed_here(control_client: Client) -> None:
    assert control_client.post(f"/work/{factories.raise_work()}/").status_code == 405


def test_the_number_of_queries_does_not_grow(stranger_client: Client) -> None:
    counts = []
    for times in (1, 12):
        work_id = factories.raise_work(site_ids=[factories.acquire() for _ in range(times)])
        for _ in range(times):
            factories.assign(work_id, factories.hire())
            factories.abandon(work_id)
        with CaptureQueriesContext(connection) as queries:
            look(stranger_client, work_id)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10
