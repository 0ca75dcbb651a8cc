"""Foreign events in our store: shown as they are stored, skipped, and named where they are needed."""

import json
from dataclasses import replace
from itertools import islice
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from api.stream import frame
from eventstore import codec, events
from eventstore.codec import Undecodable, upcaster
from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.events import event
from eventstore.feed.broadcast import Entry
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import Reaction
from eventstore.reactions.reaction import registry as reactions
from eventstore.store import NewEvent
from readmodels.time_travel import history_of
from support.events import WorkAssigned
from tests import factories
from tests.api.calls import ask, problem_of, send
from tests.conftest import browser_of
from tests.events.foreign import DEEP, FOREIGN, append, unreadable
from tests.eventstore.new_events import note
from tests.feed.conftest import may_see, server
from tests.feed.stream_readers import Reader, told_in
from tests.feed.uvicorn_server import Server
from tests.pages.page_requests import said, text_of
from tests.pages.page_requests import send as send_form

__all__ = ["may_see", "server"]

pytestmark = pytest.mark.django_db
every = pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
CANNOT_READ = "this program cannot read version 1 of its history"


@pytest.fixture
def work_id() -> UUID:
    """A job whose second event nobody can read."""
    work_id = factories.raise_work("Boiler out")
    append(unreadable("WorkAssigned", work_id=work_id), f"work-{work_id}", 0)
    return work_id


# --- In feed and pages -----------------------------------------------------------------------------------


@every
def test_the_page_shows_it_as_it_is_stored(administration_client: Client, foreign: NewEvent) -> None:
    append(foreign)
    factories.hire()
    answer = administration_client.get("/events/")
    assert answer.status_code == 200
    assert [each.recorded.id for each in answer.context["entries"]][1] == foreign.id
    shown = answer.context["entries"][1].data
    assert shown == foreign.data or json.loads(shown) == json.loads(foreign.data)


@every
def test_a_page_of_the_feed_tells_it_and_goes_on(administration_client: Client, foreign: NewEvent) -> None:
    first = append(foreign)
    factories.hire()
    answer = ask(administration_client, f"/events?after={first.position - 1}")
    assert answer.status_code == 200
    told, following = json.loads(answer.content)["items"]
    assert (told["id"], told["type"], following["type"]) == (str(foreign.id), foreign.type, "OperativeHired")
    assert told["data"] == foreign.data or told["data"] == json.loads(foreign.data)


@every
def test_the_stream_tells_it_in_one_frame(foreign: NewEvent) -> None:
    told = frame(Entry(append(foreign))).decode()
    found = told_in(told)
    assert told.count("\n\n") == 1
    assert "\r" not in told
    assert found is not None
    assert found.data["id"] == str(foreign.id)
    assert found.type == " ".join(foreign.type.splitlines())


@pytest.mark.django_db(transaction=True)
def test_somebody_who_listens_hears_all_of_them_and_what_comes_next(
    server: Server, may_see: dict[str, str]
) -> None:
    for each in FOREIGN.values():
        append(each)
    with Reader(server.port, "/api/events/stream", may_see) as reader:
        told = reader.told()
        heard = [each.data["id"] for each in islice(told, len(FOREIGN))]
        factories.hire()
        assert next(told).type == "OperativeHired"
    assert heard == [str(each.id) for each in FOREIGN.values()]


def test_a_job_is_shown_as_far_as_its_history_can_be_read(control_client: Client, work_id: UUID) -> None:
    job = reverse("job", args=[work_id])
    for address in (job, f"{job}?version=1", f"{job}?version=0", "/work/", "/control/"):
        answer = control_client.get(address)
        assert answer.status_code == 200, address
        assert "Boiler out" in text_of(answer)
    assert "WorkAssigned" in text_of(control_client.get(job))


def test_the_history_of_a_job_tells_what_cannot_be_read_and_changes_nothing(control_client: Client) -> None:
    work_id = factories.raise_work("Boiler out")
    append(FOREIGN["1,500 nested lists"], f"work-{work_id}", 0)
    append(FOREIGN["300 nested objects"], f"work-{work_id}", 1)
    newest, second, first = ask(control_client, f"/work/{work_id}/history").json()["items"]
    assert newest["data"] == FOREIGN["300 nested objects"].data
    assert second["data"] == DEEP
    assert newest["state"] == second["state"] == first["state"]


def test_the_past_of_a_job_passes_over_what_cannot_be_read(work_id: UUID) -> None:
    newest, first = history_of("work", work_id)
    assert [each.recorded.version for each in (newest, first)] == [1, 0]
    assert (newest.row.stage, first.row.stage) == ("raised", "raised")  # type: ignore[attr-defined]


def test_a_job_of_which_nothing_can_be_read_was_never_there(control_client: Client) -> None:
    work_id = uuid4()
    append(unreadable("WorkRaised", work_id=work_id), f"work-{work_id}")
    assert control_client.get(reverse("job", args=[work_id]) + "?version=0").status_code == 404
    assert ask(control_client, f"/work/{work_id}/history").status_code in (404, 503)


# --- What is ours, and cannot be read ----------------------------------------------------------------------


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    """An event in its second version; its upcaster needs what foreign events lack."""
    monkeypatch.setattr(events, "_by_name", dict(events._by_name))
    monkeypatch.setattr(events, "_by_class", dict(events._by_class))
    monkeypatch.setattr(codec, "_upcasters", dict(codec._upcasters))

    @event("Painted", version=2)
    class Painted:
        colour: str

    @upcaster("Painted", from_version=1)
    def to_british(fields: dict[str, Any]) -> dict[str, Any]:
        return {"colour": fields["color"]}

    return Painted


@pytest.mark.usefixtures("painted")
@pytest.mark.parametrize("data", ['{"shade":"red"}', "[]", "7", '{"color":' + DEEP + "}"])
def test_what_fails_in_an_upcaster_is_undecodable(data: str) -> None:
    with pytest.raises(Undecodable, match="Painted version 1"):
        codec.decode("Painted", 1, data)


@pytest.mark.usefixtures("painted")
def test_what_is_nested_too_deep_is_undecodable_also_where_nobody_wants_it() -> None:
    with pytest.raises(Undecodable, match="Painted version 2"):
        codec.decode("Painted", 2, '{"colour":"red","other":' + DEEP + "}")


@pytest.mark.parametrize(
    "data",
    [
        FOREIGN["half a character"].data,
        DEEP,
        "no JSON",
        r'{"site_id":"\u0000"}',
    ],
)
def test_a_read_model_that_handles_it_stops_alone(data: str) -> None:
    factories.acquire()
    recorded = append(replace(note(event_type="SiteAcquired"), data=data))
    factories.hire()
    stopped = Checkpoint.objects.exclude(error="").get()
    assert (stopped.name, stopped.failed_position) == ("sites", recorded.position)


def test_a_reaction_parks_it_and_goes_on(work_id: UUID) -> None:
    reaction, answered = Reaction("foreign"), []
    try:
        reaction.on(WorkAssigned)(lambda event, _: answered.append(event))
        factories.assign(factories.raise_work(), factories.hire())
        Reactions([reaction], Event()).catch_up([reaction.checkpoint])
    finally:
        del reactions[reaction.name]
    (parked,) = ParkedEvent.objects.all()
    assert (parked.stream, parked.type, parked.attempts) == (f"work-{work_id}", "WorkAssigned", 1)
    assert "Undecodable" in parked.error
    assert len(answered) == 1


def test_a_command_on_such_a_history_is_refused_in_a_sentence(control: User, work_id: UUID) -> None:
    operative_id = factories.hire()
    with pytest.raises(Refused, match=CANNOT_READ):
        factories.assign(work_id, operative_id)
    with pytest.raises(Refused, match=CANNOT_READ):
        factories.undo(work_id)
    told = said(send_form(browser_of(control), reverse("assign", args=[work_id]), operative_id=operative_id))
    assert [each for each in told if CANNOT_READ in each and "WorkAssigned" in each]
    answer = send(browser_of(control), f"/work/{work_id}/assign", {"operative_id": str(operative_id)})
    assert CANNOT_READ in problem_of(answer, 409)["detail"]


@pytest.mark.parametrize("strange", ["OfNobody", "SiteAcquired"])
def test_an_event_that_has_no_place_in_a_history_is_refused_likewise(strange: str) -> None:
    site_id, work_id = factories.acquire(), factories.raise_work()
    (acquired,) = current_store().read_stream(f"site-{site_id}")
    append(replace(note(event_type=strange), data=acquired.data), f"work-{work_id}", 0)
    with pytest.raises(Refused, match=rf"{CANNOT_READ} \({strange}\)"):
        factories.assign(work_id, factories.hire())
