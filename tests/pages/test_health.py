"""How the read models are: for machines, and for staff."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eventstore.database.trouble import Busy, Standby
from eventstore.embedded import store
from eventstore.embedded.store import EmbeddedStore
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.read_model import registry
from eventstore.reactions.reaction import Reaction
from eventstore.reactions.reaction import registry as reactions
from eventstore.store import Backlog
from eventstore.worker import health
from tests import factories
from tests.pages.conftest import Unreached, UseStore
from tests.pages.page_requests import text_of

pytestmark = pytest.mark.django_db
STAFF = "/administration/health/"
WELL = {"lag": 0, "exact": True, "seconds": 0, "stopped": False}
SERVES = 200, {"ok": True, "database": True}
SECRET = "Ada Lovelace does not fit"


@pytest.fixture(autouse=True)
def nothing_written_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test write is really made."""
    monkeypatch.setattr(health, "_written_at", -health.BETWEEN_PROBES)


def serves(client: Client) -> tuple[int, Any]:
    """What a load balancer is told."""
    answer = client.get("/health/")
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.status_code, answer.json()


def asked(client: Client) -> tuple[int, Any]:
    """What monitoring is told."""
    answer = client.get("/health/alarms/")
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.status_code, answer.json()


def stop(name: str) -> None:
    Checkpoint.objects.filter(name=name).update(error=SECRET, failed_position=7, position=0)


def test_all_is_well_before_anything_has_happened(client: Client) -> None:
    status, told = asked(client)
    assert status == 200
    assert told["read_models"]["work"] == WELL | {"position": 0}


def test_all_is_well(client: Client) -> None:
    factories.raise_work()
    status, told = asked(client)
    head = Checkpoint.objects.get(name="work").position
    assert (status, told["ok"], told["database"], told["event_store"]) == (200, True, True, True)
    assert told["reactions"]["mail"]["parked"] == 0
    assert told["read_models"]["sites"] == WELL | {"position": head}


def test_one_that_lags_is_not_ill(client: Client) -> None:
    factories.hire()
    head = Checkpoint.objects.get(name="sites").position
    Checkpoint.objects.filter(name="sites").update(position=head - 1)
    status, told = asked(client)
    assert status == 200
    assert told["read_models"]["sites"]["lag"] == 1


def test_one_that_stopped_is_named_without_saying_why(client: Client) -> None:
    factories.hire()
    stop("operatives")
    status, told = asked(client)
    assert status == 503
    assert told["ok"] is False
    assert [name for name, each in told["read_models"].items() if each["stopped"]] == ["operatives"]
    assert "Ada" not in str(told)
    assert serves(client) == SERVES


def test_one_that_wants_a_rebuild_has_stopped(client: Client) -> None:
    factories.hire()
    Checkpoint.objects.filter(name="work").update(version=99)
    status, told = asked(client)
    assert status == 503
    assert told["read_models"]["work"]["stopped"] is True
    assert serves(client) == SERVES


def test_a_database_that_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("password of callout refused")

    monkeypatch.setattr(health, "current_store", refuse)
    status, told = asked(client)
    assert status == 503
    assert told == {"ok": False, "database": False, "trouble": "away"}
    assert serves(client) == SERVES  # its own, which answers


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("no answer"), 503), (ProgrammingError("a fault"), 503), (Busy("enough wait"), 200)],
)
def test_a_process_serves_unless_its_database_does_not_answer(
    error: Exception, status: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr(connection, "cursor", refuse)
    assert serves(client)[0] == status


@pytest.mark.parametrize(
    ("error", "trouble"), [(Busy("enough wait"), "busy"), (Standby("follows another"), "read_only")]
)
def test_a_database_that_takes_no_writes(
    error: Exception, trouble: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise error

    monkeypatch.setattr(Checkpoint.objects, "update_or_create", refuse)
    status, told = asked(client)
    assert (status, told["ok"], told["writes"], told["trouble"]) == (503, False, False, trouble)
    assert told["read_models"]["work"]["stopped"] is False
    assert serves(client) == SERVES


def test_what_nobody_foresaw_is_told_as_json_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble() -> None:
        raise LookupError(SECRET)

    monkeypatch.setattr(health, "current_store", stumble)
    assert asked(client) == (503, {"ok": False})


def test_machines_know_no_host_name_of_ours(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["callout.example"]
    for path in ("/health/", "/health/alarms/"):
        answer = client.get(path, headers={"Host": "10.0.0.7:8000"})
        assert (answer.status_code, answer.json()["ok"]) == (200, True)
        assert not answer.cookies
        assert client.head(path).status_code == 200
        refused = client.post(path)
        assert (refused.status_code, refused.json(), refused.headers["Allow"]) == (
            405,
            {"ok": False},
            "GET, HEAD",
        )


def test_nobody_has_it_write_all_the_time(client: Client) -> None:
    def writes() -> int:
        with CaptureQueriesContext(connection) as queries:
            asked(client)
        return len([each for each in queries if each["sql"].startswith(("INSERT", "UPDATE"))])

    assert [writes() > 0, writes()] == [True, 0]


def test_counting_has_an_end(client: Client, monkeypatch: pytest.MonkeyPatch, mail: Reaction) -> None:
    for number in range(4):
        factories.hire(surname=f"Number {number}")
        ParkedEvent.objects.create(
            reaction=mail.name, position=number, stream="work-1", version=number, type="X", attempts=8
        )
    monkeypatch.setattr(store, "COUNTED", 3)
    monkeypatch.setattr(health, "COUNTED", 3)
    told = asked(client)[1]["reactions"]["send_mail"]
    assert (told["lag"], told["exact"], told["parked"]) == (3, False, 3)


def test_an_event_store_that_does_not_answer(client: Client, unreachable: Unreached) -> None:
    factories.hire()
    unreachable()
    status, told = asked(client)
    assert status == 503
    assert told == {"ok": False, "database": True, "event_store": False}
    assert serves(client) == SERVES


def test_staff_see_where_read_models_stand_while_the_store_is_away(
    administration_client: Client, unreachable: Unreached
) -> None:
    factories.hire()
    stop("operatives")
    unreachable()
    answer = administration_client.get(STAFF)
    words = text_of(answer)
    assert answer.status_code == 200
    assert "The event store cannot be reached" in words
    assert "sites Not known" in words
    assert "Stopped at event 7" in words
    assert "Up to date" not in words


class ManyBehind(EmbeddedStore):
    """As KurrentDB answers, which counts up to a thousand."""

    def backlog(self, after: int) -> Backlog:  # noqa: ARG002  however far one stands
        return Backlog(1000, is_exact=False, since=timezone.now() - timedelta(minutes=3))


def test_a_lag_that_was_not_counted_to_its_end(
    client: Client, administration_client: Client, use_store: UseStore
) -> None:
    factories.hire()
    use_store(ManyBehind())
    _, told = asked(client)
    lag = told["read_models"]["work"]
    assert (lag["lag"], lag["exact"]) == (1000, False)
    assert lag["seconds"] >= 180
    assert "at least 1,000 events for 3 min" in text_of(administration_client.get(STAFF))


@pytest.fixture
def mail() -> Iterator[Reaction]:
    """A reaction that sends mail, in name only."""
    reaction = Reaction("send_mail")
    yield reaction
    del reactions[reaction.name]


def test_reactions_show_what_they_try_again_and_what_they_parked(
    mail: Reaction, client: Client, administration_client: Client
) -> None:
    factories.raise_work()
    last = Checkpoint.objects.get(name="work").position - 1
    Checkpoint.objects.create(name=mail.checkpoint, version=0, position=last)
    for position, due_at in [(1, timezone.now()), (2, None), (3, None)]:
        ParkedEvent.objects.create(
            reaction=mail.name,
            position=position,
            stream="work-1",
            version=position,
            type="X",
            attempts=8,
            due_at=due_at,
        )
    status, told = asked(client)
    assert (status, told["ok"]) == (200, True)
    shown = told["reactions"]["send_mail"]
    assert (shown["position"], shown["lag"], shown["retrying"], shown["parked"]) == (last, 1, 1, 2)
    words = text_of(administration_client.get(STAFF))
    assert f"send_mail Somebody has to look {last:,} 1 event" in words


def test_without_reactions_there_is_nothing_about_them(
    administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "reactions", {})
    assert "Reactions" not in panels(administration_client.get(STAFF))


def panels(answer: Any) -> str:
    """What is said below the head of the page."""
    return text_of(answer).partition("Refresh")[2]


def test_staff_read_why_one_stopped_and_what_to_do(administration_client: Client) -> None:
    factories.hire()
    stop("operatives")
    Checkpoint.objects.filter(name="work").update(version=99)
    page = administration_client.get(STAFF).content.decode()
    assert "Stopped at event 7" in page
    assert SECRET in page
    assert "manage.py project operatives" in page
    assert "Wants a rebuild" in page
    assert "manage.py rebuild work" in page
    read_models = page.partition("reactions-title")[0]
    assert read_models.count("Up to date") == len(registry) - 2


def test_only_looking_is_possible(client: Client, administration_client: Client) -> None:
    assert administration_client.post(STAFF).status_code == 405
