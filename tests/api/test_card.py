"""A card's number and security code come in through the API and turn up nowhere: not in an answer, the log,
the database or an error report."""

import json
import re
from collections.abc import Iterable
from logging import LogRecord
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.log import AdminEmailHandler

from api.api import api
from eventstore.models import StoredEvent
from tests import factories
from tests.api.calls import problem_of, send
from tests.api.card import CODE, DIGITS, NUMBER, SECRETS, card, order
from tests.orders.settle import run

pytestmark = pytest.mark.django_db
IDS = re.compile("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
"""Left out of the searched text: by chance they contain any four digits."""


@pytest.fixture
def belt(db: None) -> UUID:
    return factories.create_product("Fan belt", "12.50", 10)


def found_in(text: str, secrets: Iterable[str] = SECRETS) -> list[str]:
    """The secrets that occur in the text, each by itself."""
    searched = IDS.sub("", text)
    return [each for each in secrets if re.search(rf"(?<![0-9.]){each}(?![0-9])", searched)]


def written_out(message: mail.EmailMessage) -> str:
    """The whole text of a message, as it reads."""
    others = getattr(message, "alternatives", [])
    return "\n".join([str(message.subject), str(message.body), *(str(each.content) for each in others)])


def whole_database() -> str:
    """Every row of every table."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [repr(row) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_number_and_code_are_neither_stored_nor_logged_nor_sent_on(
    belt: UUID,
    response_client: Client,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.ORDER_GRACE_SECONDS = 0
    with caplog.at_level("DEBUG"), caplog.at_level("DEBUG", "django"), CaptureQueriesContext(connection):
        answer = send(response_client, "/orders", order(belt))
        run()
    assert answer.status_code == 201
    output = capsys.readouterr()
    logged = "\n".join([caplog.text, output.out, output.err])
    sent = "\n".join(map(written_out, mail.outbox))
    kept = whole_database()
    assert StoredEvent.objects.filter(type="OrderPaid").exists()
    assert "INSERT INTO" in logged  # the searched text is not empty
    assert "Your order is confirmed" in sent
    assert "ending in 0005" in kept
    for text in (answer.content.decode(), logged, sent, kept):
        assert found_in(text) == []


WRONG: list[dict[str, Any]] = [
    {"number": DIGITS[:-1] + "6"},
    {"number": DIGITS + "1"},
    {"number": int(DIGITS)},
    {"number": [DIGITS]},
    {"number": DIGITS + "\0"},
    {"number": DIGITS * 20},
    {"type": "visa"},
    {"type": DIGITS},
    {"security_code": CODE + "2"},
    {"security_code": int(CODE)},
    {"security_code": DIGITS},
    {"holder": f"G Hopper {NUMBER}"},
    {"holder": DIGITS * 20},
    {"expiry": DIGITS},
    {"expiry": CODE},
    {"cvv": CODE},
]


@pytest.mark.parametrize("change", WRONG, ids=lambda each: "-".join(each))
@pytest.mark.parametrize("debug", [True, False])
def test_no_fault_of_a_card_repeats_what_was_sent(
    debug: bool,
    change: dict[str, Any],
    belt: UUID,
    response_client: Client,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.DEBUG = debug
    with caplog.at_level("DEBUG"):
        answer = send(response_client, "/orders", order(belt, card=card(**change)))
    assert all(each["field"].startswith("card.") for each in problem_of(answer, 400)["errors"])
    for text in (answer.content.decode(), caplog.text, whole_database()):
        assert not re.search(DIGITS[:12], text)
        assert found_in(text, [CODE]) == []


@pytest.mark.parametrize("field", ["buyer_name", "town"])
def test_a_number_in_a_field_of_another_kind_is_refused(
    field: str, belt: UUID, response_client: Client
) -> None:
    body = order(belt)
    (body if field in body else body["ship_to"])[field] = f"card {NUMBER}"
    (fault,) = problem_of(send(response_client, "/orders", body), 400)["errors"]
    assert fault["message"] == "A card's number belongs into its own field alone"
    assert not StoredEvent.objects.filter(type="OrderStarted").exists()


@pytest.mark.parametrize("cut", [10, -1])
@pytest.mark.parametrize("debug", [True, False])
def test_a_body_that_is_no_json_is_not_repeated(
    debug: bool,
    cut: int,
    belt: UUID,
    response_client: Client,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.DEBUG = debug
    body = json.dumps({"card": card(), **order(belt)})[:cut] + DIGITS
    with caplog.at_level("DEBUG"):
        answer = response_client.post("/api/orders", body, content_type="application/json")
    problem_of(answer, 400)
    assert found_in(answer.content.decode() + caplog.text) == []


@pytest.mark.parametrize(
    "place", ["orders.forms.card.number_fault", "api.orders.created", "orders.forms.place_order.order_items"]
)
def test_an_error_report_leaves_number_and_code_out(
    place: str,
    belt: UUID,
    response_client: Client,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The report as it is sent to the administrators of the server, with the variables of every function."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of order")

    settings.DEBUG, settings.ADMINS = False, [("Root", "root@example.com")]
    monkeypatch.setattr(place, fail)
    problem_of(send(response_client, "/orders", order(belt)), 500)
    reported: list[LogRecord] = [each for each in caplog.records if each.name == "api.failures"]
    assert len(reported) == 1
    AdminEmailHandler(include_html=True).emit(reported[0])
    text = "\n".join(map(written_out, mail.outbox))
    assert "RuntimeError" in text
    assert "place_order" in text
    assert found_in(text) == []


def test_number_and_code_are_described_as_secrets() -> None:
    fields = api.get_openapi_schema()["components"]["schemas"]["Card"]["properties"]
    for name in ("number", "security_code"):
        assert (fields[name]["format"], fields[name]["writeOnly"]) == ("password", True)
