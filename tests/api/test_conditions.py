"""Writes that are sent again, or only succeed if nobody else wrote first; reads that are asked for again."""

from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts import tokens
from accounts.features import Feature
from accounts.models import User
from api.failures import USED_ELSEWHERE
from eventstore.models import StoredEvent
from readmodels.models import OperativeRow, WorkRow
from support.work import Stage
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send
from tests.conftest import browser_of
from tests.eventstore.threads import PATIENCE, Beside

pytestmark = pytest.mark.django_db
TEN = 10


def call(**changes: Any) -> dict[str, Any]:
    """A body that raises work."""
    return {"title": "Boiler out", "description": "Cold", "site_ids": [str(factories.acquire())], **changes}


def program(name: str, maker: User) -> Client:
    """One that may do everything."""
    _, secret = tokens.make(name, Feature, maker)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def at_once(user: User, path: str, bodies: list[Any], **headers: str) -> list[Any]:
    """Every body sent by a thread of its own, all in the same moment."""
    together = Barrier(len(bodies), timeout=PATIENCE)
    browsers = [browser_of(user) for _ in bodies]

    def one(browser: Client, body: Any) -> Any:
        together.wait()
        return send(browser, path, body, **headers)

    with Beside(len(bodies)) as beside:
        sent = [beside.run(one, *each) for each in zip(browsers, bodies, strict=True)]
    return [each.result() for each in sent]


@pytest.mark.django_db(transaction=True)
def test_one_key_in_ten_threads_raises_one_job(response: User) -> None:
    key = str(uuid4())
    answers = at_once(response, "/work", [call()] * TEN, Idempotency_Key=key)
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert {each.json()["id"] for each in answers} == {key}
    assert WorkRow.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_version_in_ten_threads_is_changed_once(administration: User) -> None:
    ada = factories.hire()
    names = [{"forename": "Ada", "surname": f"Number {each}"} for each in range(TEN)]
    answers = at_once(administration, f"/operatives/{ada}/rename", names, If_Match='"0"')
    assert sorted(each.status_code for each in answers) == [200] + [412] * (TEN - 1)
    for each in answers:
        if each.status_code == 412:
            problem_of(each, 412)
    (won,) = [name for name, each in zip(names, answers, strict=True) if each.status_code == 200]
    assert OperativeRow.objects.get(pk=ada).surname == won["surname"]


@pytest.mark.django_db(transaction=True)
def test_one_key_and_one_version_in_ten_threads(administration: User) -> None:
    ada, key = factories.hire(), str(uuid4())
    name = {"forename": "Ada", "surname": "Byron"}
    path = f"/operatives/{ada}/rename"
    answers = at_once(administration, path, [name] * TEN, If_Match='"0"', Idempotency_Key=key)
    assert {(each.status_code, each.json()["version"]) for each in answers} == {(200, 1)}
    assert StoredEvent.objects.filter(stream=f"operative-{ada}").count() == 2


def test_without_a_key_the_same_body_is_two_jobs(response_client: Client) -> None:
    body = call()
    assert (
        send(response_client, "/work", body).json()["id"] != send(response_client, "/work", body).json()["id"]
    )


def test_what_was_refused_is_judged_again(control_client: Client) -> None:
    work_id, ada = factories.work_at(Stage.ASSIGNED), factories.hire()
    key, path, body = str(uuid4()), f"/work/{work_id}/assign", {"operative_id": str(ada)}
    problem_of(send(control_client, path, body, Idempotency_Key=key), 409)
    factories.abandon(work_id)
    first = send(control_client, path, body, Idempotency_Key=key)
    assert (first.status_code, first.json()["version"]) == (200, 3)
    factories.set_out(work_id)
    again = send(control_client, path, body, Idempotency_Key=key)
    assert (again.status_code, again.content) == (200, first.content)


@pytest.mark.parametrize(
    ("stage", "step", "body"),
    [
        (Stage.ASSIGNED, "dispatch", None),
        (Stage.DISPATCHED, "arrive", None),
        (Stage.ARRIVED, "complete", {"outcome": "New pump"}),
        (Stage.ARRIVED, "abandon", {"reason": "unsafe"}),
    ],
)
def test_a_step_sent_again_has_the_same_answer_though_the_work_is_anothers_by_now(
    stage: Stage,
    step: str,
    body: Any,
    operative: User,
    operative_client: Client,
    other_operative: User,
) -> None:
    work_id, key = factories.work_at(stage, operative.operative_id), str(uuid4())
    path = f"/work/{work_id}/{step}"
    first = send(operative_client, path, body, Idempotency_Key=key)
    assert first.status_code == 200
    if step == "complete":
        factories.undo(work_id)
    if step != "abandon":
        factories.abandon(work_id)
    assert other_operative.operative_id
    factories.assign(work_id, other_operative.operative_id)
    again = send(operative_client, path, body, Idempotency_Key=key)
    assert (again.status_code, again.content) == (200, first.content)
    problem_of(send(operative_client, path, body), 403)


def test_an_id_in_capitals_is_the_same_id(control_client: Client) -> None:
    work_id, key = factories.work_at(Stage.ASSIGNED), str(uuid4())
    capitals = str(work_id).upper()
    found = ask(control_client, f"/work/{capitals}")
    assert (found.status_code, found.json()["id"]) == (200, str(work_id))
    assert ask(control_client, f"/work/{capitals}/history").status_code == 200
    first = send(control_client, f"/work/{capitals}/dispatch", Idempotency_Key=key)
    assert first.status_code == 200
    again = send(control_client, f"/work/{work_id}/dispatch", Idempotency_Key=key)
    assert (again.status_code, again.content) == (200, first.content)


def test_a_key_of_somebody_else_opens_nothing(
    operative: User, operative_client: Client, other_operative_client: Client
) -> None:
    work_id, key = factories.work_at(Stage.ASSIGNED, operative.operative_id), str(uuid4())
    path = f"/work/{work_id}/dispatch"
    assert send(operative_client, path, Idempotency_Key=key).status_code == 200
    problem_of(send(other_operative_client, path, Idempotency_Key=key), 403)


def test_a_key_of_somebody_else_answers_with_nothing_of_theirs(
    response_client: Client, operative: User, root: User
) -> None:
    key, body = str(uuid4()), call()
    raised = send(response_client, "/work", body, Idempotency_Key=key)
    path, given = f"/work/{key}/assign", {"operative_id": str(operative.operative_id)}
    assert send(program("Control", root), path, given, Idempotency_Key=key).status_code == 200
    other = program("Somebody else", root)
    for address, sent in (("/work", body), (path, given)):
        answer = send(other, address, sent, Idempotency_Key=key)
        assert problem_of(answer, 409)["detail"] == USED_ELSEWHERE
    assert send(response_client, "/work", body, Idempotency_Key=key).content == raised.content


def test_a_key_stands_for_one_command(response_client: Client) -> None:
    key, body = str(uuid4()), call()
    assert send(response_client, "/work", body, Idempotency_Key=key).status_code == 201
    answer = send(response_client, "/work", {**body, "title": "Lift stuck"}, Idempotency_Key=key)
    assert "Idempotency-Key was sent before with other contents" in problem_of(answer, 409)["detail"]
    assert WorkRow.objects.get().title == "Boiler out"


def test_a_key_stands_for_one_command_though_the_other_is_forbidden(
    control_client: Client, operative: User
) -> None:
    """Nobody is told that Len has got the work: he has been released."""
    path, key, gone = f"/work/{factories.raise_work()}/assign", str(uuid4()), factories.hire("Len", "Gone")
    factories.release(gone)
    body = {"operative_id": str(operative.operative_id)}
    first = send(control_client, path, body, Idempotency_Key=key)
    assert first.status_code == 200
    other = send(control_client, path, {"operative_id": str(gone)}, Idempotency_Key=key)
    assert "Idempotency-Key was sent before with other contents" in problem_of(other, 409)["detail"]
    assert send(control_client, path, body, Idempotency_Key=key).content == first.content


def test_one_key_for_two_operations_is_two_commands(root: User, operative: User) -> None:
    """The second must not be answered as if it were the first, and do nothing."""
    browser, key = browser_of(root), str(uuid4())
    send(browser, "/work", call(), Idempotency_Key=key)
    body = {"operative_id": str(operative.operative_id)}
    assigned = send(browser, f"/work/{key}/assign", body, Idempotency_Key=key)
    assert (assigned.status_code, assigned.json()["version"]) == (200, 1)
    assert WorkRow.objects.get().stage == "assigned"
    recorded = StoredEvent.objects.filter(stream=f"work-{key}")
    assert {str(each.correlation_id) for each in recorded} == {key}


def test_one_key_does_not_create_two_things(root: User) -> None:
    """A program that sends it again is not told to look again: that would never help."""
    browser, key, work = browser_of(root), str(uuid4()), call()
    name = {"forename": "Ada", "surname": "Lovelace"}
    hired = send(browser, "/operatives", name, Idempotency_Key=key)
    assert hired.status_code == 201
    for _ in range(2):
        found = problem_of(send(browser, "/work", work, Idempotency_Key=key), 409)
        assert found["detail"] == "This Idempotency-Key was used for something else; send this with a new one"
    assert WorkRow.objects.count() == 0
    assert send(browser, "/operatives", name, Idempotency_Key=key).content == hired.content


@pytest.mark.parametrize(
    "tag",
    ['"0"', "0", "*", '"0-0a1b2c"', 'W/"0"', "read", '"7", "0"', '"x", W/"0-0a1b2c" ,"1"', '"a,b", "0",'],
)
def test_a_write_at_the_version_that_was_read(tag: str, control_client: Client, operative: User) -> None:
    work_id = factories.raise_work()
    if tag == "read":
        tag = ask(control_client, f"/work/{work_id}").headers["ETag"]
    body = {"operative_id": str(operative.operative_id)}
    answer = send(control_client, f"/work/{work_id}/assign", body, If_Match=tag)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    "tag", ['"0"', "0", '"0-0a1b2c"', '"2"', "read", '"0", "2"', '"x"', '"x", "y"', f'"{"9" * 10}"']
)
def test_a_write_after_somebody_else(tag: str, operative_client: Client, operative: User) -> None:
    work_id = factories.raise_work()
    if tag == "read":
        tag = ask(operative_client, f"/work/{work_id}").headers["ETag"]
    assert operative.operative_id
    factories.assign(work_id, operative.operative_id)
    problem_of(send(operative_client, f"/work/{work_id}/dispatch", If_Match=tag), 412)
    assert WorkRow.objects.get().stage == "assigned"


@pytest.mark.parametrize(
    "tag", ["x", "-1", '"1', '"1", 2', '"1" "2" x', "1.0", "", ",", '"', "9" * 10, "\u0663"]
)
def test_a_text_that_is_no_version_is_refused(tag: str, control_client: Client) -> None:
    work_id = factories.raise_work()
    assert set(faults_of(send(control_client, f"/work/{work_id}/dispatch", If_Match=tag))) == {"If-Match"}


def test_a_write_at_one_of_several_versions_sent_again(control_client: Client, operative: User) -> None:
    path, key = f"/work/{factories.raise_work()}/assign", str(uuid4())
    body = {"operative_id": str(operative.operative_id)}
    first, again = [
        send(control_client, path, body, If_Match='"0", "9"', Idempotency_Key=key) for _ in range(2)
    ]
    assert (again.status_code, again.content) == (200, first.content)


@pytest.mark.parametrize("key", ["1", "x" * 36, "", "7f9c24e8-3b12-4c8e-9d6a-51a0f2f6a0b7x"])
def test_a_text_that_is_no_key_is_refused(key: str, response_client: Client) -> None:
    answer = send(response_client, "/work", call(), Idempotency_Key=key)
    assert set(faults_of(answer)) == {"Idempotency-Key"}


@pytest.mark.parametrize("path", ["/work/{work}", "/work", "/operatives", "/operatives/{ada}", "/sites"])
def test_what_has_not_changed_is_not_sent_again(path: str, root: User) -> None:
    browser, ada = browser_of(root), factories.hire()
    work_id = factories.work_at(Stage.ASSIGNED, ada)
    path = path.format(work=work_id, ada=ada)
    first = ask(browser, path)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(first.headers["Vary"].split(", "))
    for known in (tag, f'"x", {tag}', "*"):
        again = ask(browser, path, If_None_Match=known)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    factories.complete(work_id)
    factories.rename(ada, "Ada", "Byron")
    factories.acquire()
    changed = ask(browser, path, If_None_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize("path", ["/work/{work}", "/work/{work}/history", "/work", "/buyers", "/events"])
def test_a_read_has_no_other_condition(path: str, root: User) -> None:
    """Conditions for writes are ignored, and not answered with a status that no read describes."""
    path, browser = path.format(work=factories.raise_work()), browser_of(root)
    first = ask(browser, path)
    long_ago = "Thu, 01 Jan 1970 00:00:00 GMT"
    for condition in ({"If_Match": '"99"'}, {"If_Unmodified_Since": long_ago}, {"If_Modified_Since": "x"}):
        answer = ask(browser, path, **condition)
        assert (answer.status_code, answer.content) == (200, first.content)
    known = ask(browser, path, If_Match='"99"', If_None_Match=first.headers["ETag"])
    assert known.status_code == 304


def test_a_tag_begins_with_the_version(stranger_client: Client) -> None:
    work_id = factories.work_at(Stage.DISPATCHED)
    assert ask(stranger_client, f"/work/{work_id}").headers["ETag"].startswith('"2-')


def test_head_tells_the_headers_alone(stranger_client: Client) -> None:
    path = f"/api/work/{factories.raise_work()}"
    head, got = stranger_client.head(path), stranger_client.get(path)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
