"""One job as it was at a version or at a time."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.models import User
from tests import factories
from tests.factories import noon
from tests.pages.page_requests import text_of


def look(browser: Client, work_id: UUID, **asked: Any) -> Any:
    return browser.get(f"/work/{work_id}/", {name: str(value) for name, value in asked.items()})


@pytest.fixture
def visited(control: User) -> UUID:
    """A job for which an operative set out, who was late, and for which parts were ordered and shipped
    since."""
    work_id = factories.raise_work("Boiler out", at=noon(1), by=control.actor)
    factories.assign(work_id, factories.hire("Peter", "Quill"), at=noon(1, 10), by=control.actor)
    factories.set_out(work_id, at=noon(1, 15), estimated_arrival=noon(1, 40), by=control.actor)
    factories.place_order(work_id=work_id, at=noon(1, 20))
    factories.arrive(work_id, at=noon(1, 52), by=control.actor)
    factories.complete(work_id, "Switched it on", at=noon(1, 60), by=control.actor)
    return work_id


def test_a_job_as_it_was_at_a_time(control_client: Client, visited: UUID) -> None:
    page = look(control_client, visited, at=noon(1, 30).isoformat())
    words = text_of(page)
    assert page.status_code == 200
    assert "As it was on 1 Mar 2026 at 12:30 . See it as it is now" in words
    assert "Then Number 1 Stage On the way" in words
    assert "15 min on the way, until then" in words
    assert "Parts ordered: order 1" in words
    for later in ("arrived", "completed", "Switched it on", "Late", "until now"):
        assert later not in words, later


def test_it_has_nothing_to_press(control_client: Client, visited: UUID) -> None:
    html = look(control_client, visited, at=noon(1, 30).isoformat()).content.decode()
    main = html.split('<main id="main"')[1].split("</main>")[0]
    assert "<form" not in main
    assert "<button" not in main
    assert "btn" not in main
    assert f'<a href="/work/{visited}/">See it as it is now</a>' in main


def test_a_job_as_it_was_at_a_version(control_client: Client, visited: UUID) -> None:
    words = text_of(look(control_client, visited, version=3))
    assert "As it was on 1 Mar 2026 at 12:52" in words
    assert "Then Number 1 Stage On site" in words
    assert "until then" not in words
    assert "completed" not in words


def test_each_entry_leads_to_the_moment_of_it(control_client: Client, visited: UUID) -> None:
    html = look(control_client, visited).content.decode()
    stages = ["Raised", "Assigned", "On the way", "On site", "Completed"]
    for version, stage in enumerate(stages):
        assert f'href="?version={version}"' in html
        assert f"Then Number 1 Stage {stage} " in text_of(look(control_client, visited, version=version))
    assert "?version=5" not in html


def test_a_change_that_was_undone_later_is_not_undone_yet(control_client: Client) -> None:
    work_id = factories.raise_work()
    factories.undo(work_id)
    assert "Undone" not in text_of(look(control_client, work_id, version=0))
    withdrawn = text_of(look(control_client, work_id, version=1))
    assert "Undone" in withdrawn
    assert "Stage Withdrawn" in withdrawn


@pytest.mark.parametrize("time", ["2026-03-01T12:30", "2026-03-01T12:30:00Z", "2026-03-01 13:30+01:00"])
def test_a_time_in_any_zone(control_client: Client, visited: UUID, time: str) -> None:
    assert "at 12:30" in text_of(look(control_client, visited, at=time))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"at": "yesterday"}, "“yesterday” is no time. Write one like 2026-11-21T14:02"),
        ({"at": "2026-13-01"}, "“2026-13-01” is no time"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "is no time"),
        ({"at": "9999-12-31T23:59:59-12:00"}, "is no time"),
        ({"at": "\0"}, "is no time"),
        ({"at": ""}, "Ask for one version or for one time"),
        ({"at": "2026-03-01T12:30", "version": "1"}, "Ask for one version or for one time"),
        ({"version": "-1"}, "Write the version as a whole number, from 0"),
        ({"version": "first"}, "Write the version as a whole number, from 0"),
        ({"version": "9" * 5000}, "Write the version as a whole number, from 0"),
    ],
)
def test_a_text_that_is_no_moment_is_refused_with_a_sentence(
    control_client: Client, visited: UUID, asked: dict[str, str], sentence: str
) -> None:
    page = look(control_client, visited, **asked)
    assert page.status_code == 400
    assert sentence in text_of(page)
    assert f'href="/work/{visited}/"' in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"at": noon(1) - timedelta(seconds=1)}, "This job was not there yet: it was raised at 12:00"),
        ({"version": 5}, "This job has no version 5 yet; the last is 4"),
    ],
)
def test_a_moment_without_the_job_is_not_found_with_a_sentence(
    control_client: Client, visited: UUID, asked: dict[str, Any], sentence: str
) -> None:
    page = look(control_client, visited, **asked)
    assert page.status_code == 404
    assert sentence in text_of(page)


def test_a_job_that_never_was_is_not_found_at_any_moment(control_client: Client) -> None:
    for asked in ({"version": 0}, {"at": "2026-03-01T12:30"}):
        assert look(control_client, uuid4(), **asked).status_code == 404


def test_the_past_is_open_to_the_same_people_as_the_present(client: Client, visited: UUID) -> None:
    assert look(client, visited, version=0).status_code == 302
