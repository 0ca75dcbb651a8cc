"""With a worker that advances the read models, a program reads its own writes, or is told to ask again."""

from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.store import EventStore
from readmodels.models import SiteRow
from tests import factories
from tests.api.calls import ask, problem_of, send
from tests.eventstore.threads import Beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(worker: None, response: User, control: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that does not run; no wait takes any time."""
    factories.acquire()
    factories.hire()
    advance()
    monkeypatch.setattr("api.reads.PATIENCE", 0.05)


@pytest.fixture
def prompt(late: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that takes a moment; waits are as long as a busy machine may need."""
    monkeypatch.setattr("api.reads.PATIENCE", 30.0)


def soon() -> None:
    """Do what a worker does, a moment after it was asked."""
    sleep(0.2)
    advance()


def raise_work(browser: Client) -> Any:
    body = {"title": "Boiler out", "description": "Cold", "site_ids": [str(SiteRow.objects.get().pk)]}
    answer = send(browser, "/work", body)
    assert answer.status_code == 201
    return answer.json()


def test_what_was_raised_is_shown_as_soon_as_it_can_be(prompt: None, response_client: Client) -> None:
    raised = raise_work(response_client)
    with Beside(1) as beside:
        beside.run(soon)
        answer = ask(response_client, f"/work/{raised['id']}")
    assert (answer.status_code, answer.json()["title"]) == (200, "Boiler out")


def test_what_cannot_be_shown_yet_is_to_be_asked_for_again(late: None, response_client: Client) -> None:
    raised = raise_work(response_client)
    answer = ask(response_client, f"/work/{raised['id']}")
    problem_of(answer, 503)
    assert answer.headers["Retry-After"] == "1"
    problem_of(ask(response_client, f"/work/{uuid4()}"), 404)
    advance()
    assert ask(response_client, f"/work/{raised['id']}").status_code == 200


def test_a_list_waits_for_the_position_it_is_given(late: None, response_client: Client) -> None:
    position = str(raise_work(response_client)["position"])
    assert ask(response_client, "/work").json()["items"] == []
    problem_of(ask(response_client, "/work", Callout_Position=position), 503)
    advance()
    assert len(ask(response_client, "/work", Callout_Position=position).json()["items"]) == 1


def test_a_list_waits_until_it_has_it(prompt: None, response_client: Client) -> None:
    position = str(raise_work(response_client)["position"])
    with Beside(1) as beside:
        beside.run(soon)
        answer = ask(response_client, "/work", Callout_Position=position)
    assert len(answer.json()["items"]) == 1


def test_a_write_waits_for_what_it_judges_by(
    prompt: None, response_client: Client, control_client: Client
) -> None:
    raised, ada = raise_work(response_client), factories.hire("Grace", "Hopper")
    position = str(raised["position"] + 1)
    with Beside(1) as beside:
        beside.run(soon)
        answer = send(
            control_client,
            f"/work/{raised['id']}/assign",
            {"operative_id": str(ada)},
            Callout_Position=position,
        )
    assert answer.status_code == 200, answer.content


def test_a_write_to_what_has_only_just_begun(
    late: None, response_client: Client, control_client: Client
) -> None:
    """It exists, although no read model knows of it."""
    raised = raise_work(response_client)
    problem_of(send(control_client, f"/work/{raised['id']}/arrive"), 503)
    problem_of(send(control_client, f"/work/{uuid4()}/arrive"), 404)


def test_a_write_that_waits_in_vain_changes_nothing(
    late: None, response_client: Client, control_client: Client
) -> None:
    raised = raise_work(response_client)
    position = str(raised["position"])
    answer = send(control_client, f"/work/{raised['id']}/arrive", Callout_Position=position)
    problem_of(answer, 503)


@pytest.mark.django_db
def test_where_changes_are_projected_at_once_nothing_is_waited_for(stranger_client: Client) -> None:
    assert ask(stranger_client, "/work", Callout_Position=str(10**12)).status_code == 200


@pytest.mark.django_db
def test_a_row_that_stands_still_goes_under_no_newer_version(stranger_client: Client) -> None:
    work_id = factories.raise_work()
    assert ask(stranger_client, f"/work/{work_id}").status_code == 200
    Checkpoint.objects.filter(name="work").update(position=0)
    problem_of(ask(stranger_client, f"/work/{work_id}"), 503)


def test_writes_to_kurrentdb_are_idempotent_and_conditional(
    kurrent: EventStore, response_client: Client, control_client: Client
) -> None:
    site_id, ada, key = factories.acquire(), factories.hire(), str(uuid4())
    advance()
    body = {"title": "Boiler out", "description": "Cold", "site_ids": [str(site_id)]}
    first, again = (send(response_client, "/work", body, Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, first.content) == (201, again.content)
    advance()
    tag = ask(response_client, f"/work/{key}").headers["ETag"]
    assign, whom = f"/work/{key}/assign", {"operative_id": str(ada)}
    assert send(control_client, assign, whom, If_Match=tag).status_code == 200
    problem_of(send(control_client, assign, whom, If_Match=tag), 412)
