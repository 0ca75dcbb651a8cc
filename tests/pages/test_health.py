"""How the read models are: for machines, and for staff."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from eventstore import health
from eventstore.models import Checkpoint
from tests import scenes

pytestmark = pytest.mark.django_db
STAFF = "/administration/health/"
SECRET = "Ada Lovelace does not fit"


def asked(client: Client) -> tuple[int, Any]:
    answer = client.get("/health/")
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.status_code, answer.json()


def stop(name: str) -> None:
    Checkpoint.objects.filter(name=name).update(error=SECRET, failed_position=7, position=0)


def test_all_is_well_before_anything_has_happened(client: Client) -> None:
    status, told = asked(client)
    assert status == 200
    assert told["read_models"]["work"] == {"position": 0, "lag": 0, "stopped": False}


def test_all_is_well(client: Client) -> None:
    scenes.raise_work()
    status, told = asked(client)
    head = Checkpoint.objects.get(name="work").position
    assert (status, told["ok"], told["database"]) == (200, True, True)
    assert told["read_models"]["sites"] == {"position": head, "lag": 0, "stopped": False}


def test_one_that_lags_is_not_ill(client: Client) -> None:
    scenes.hire()
    head = Checkpoint.objects.get(name="sites").position
    Checkpoint.objects.filter(name="sites").update(position=head - 1)
    status, told = asked(client)
    assert status == 200
    assert told["read_models"]["sites"]["lag"] == 1


def test_one_that_stopped_is_named_without_saying_why(client: Client) -> None:
    scenes.hire()
    stop("operatives")
    status, told = asked(client)
    assert status == 503
    assert told["ok"] is False
    assert [name for name, each in told["read_models"].items() if each["stopped"]] == ["operatives"]
    assert "Ada" not in str(told)


def test_one_that_wants_a_rebuild_has_stopped(client: Client) -> None:
    scenes.hire()
    Checkpoint.objects.filter(name="work").update(version=99)
    status, told = asked(client)
    assert status == 503
    assert told["read_models"]["work"]["stopped"] is True


def test_a_database_that_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("password of callout refused")

    monkeypatch.setattr(health, "current_store", refuse)
    status, told = asked(client)
    assert status == 503
    assert told == {"ok": False, "database": False, "read_models": {}}


def test_staff_read_why_one_stopped_and_what_to_do(administration_client: Client) -> None:
    scenes.hire()
    stop("operatives")
    Checkpoint.objects.filter(name="work").update(version=99)
    page = administration_client.get(STAFF).content.decode()
    assert "Stopped at event 7" in page
    assert SECRET in page
    assert "manage.py project operatives" in page
    assert "Wants a rebuild" in page
    assert "manage.py rebuild work" in page
    assert page.count("Up to date") == 1


def test_only_looking_is_possible(client: Client, administration_client: Client) -> None:
    assert client.post("/health/").status_code == 405
    assert administration_client.post(STAFF).status_code == 405
