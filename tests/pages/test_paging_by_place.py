"""Lists whose pages continue after a number or a moment, while their rows change: the row that ended a
page is gone or elsewhere, but its place stays valid. Nobody can read it in an address, and yesterday's
still work."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from eventlog import reactions
from eventstore.models import ParkedEvent
from integration.models import Webhook
from readmodels.models import BuyerRow, OrderRow, WorkRow
from readmodels.queries.work_list import EPOCH
from tests import factories
from tests.api.calls import ask
from tests.integration.logs import delivery
from tests.pages.test_list_pages import rest_of
from tests.pages.test_reactions import PAGE as REACTIONS
from tests.pages.test_reactions import parked_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs() -> list[UUID]:
    return [factories.raise_work(f"Fault {n}", at=factories.noon(1, n)) for n in range(5)]


@pytest.fixture
def orders() -> list[UUID]:
    belt = factories.create_product()
    return [factories.place_order({belt: 1}) for _ in range(5)]


def titles(listed: list[Any]) -> list[str]:
    return [each["title"] for each in listed]


# --- For programs ------------------------------------------------------------------------------------


def test_the_rest_of_what_waits_comes_when_the_job_that_ended_a_page_is_assigned(
    jobs: list[UUID], control_client: Client
) -> None:
    first = ask(control_client, "/work?stage=waiting&limit=2").json()
    assert titles(first["items"]) == ["Fault 4", "Fault 3"]
    factories.assign(jobs[3], factories.hire())
    assert titles(rest_of(control_client, first["next"])) == ["Fault 2", "Fault 1", "Fault 0"]


def test_the_rest_of_the_work_found_by_a_text_comes_as_well(jobs: list[UUID], control_client: Client) -> None:
    first = ask(control_client, "/work?stage=waiting&q=fault&limit=2").json()
    factories.assign(jobs[3], factories.hire())
    assert titles(rest_of(control_client, first["next"])) == ["Fault 2", "Fault 1", "Fault 0"]


def test_the_rest_of_the_orders_comes_when_the_one_that_ended_a_page_is_cancelled(
    orders: list[UUID], control_client: Client
) -> None:
    first = ask(control_client, "/orders?status=open&limit=2").json()
    factories.cancel_order(orders[3])
    assert [each["number"] for each in rest_of(control_client, first["next"])] == [3, 2, 1]


def test_the_rest_of_a_queue_comes_when_the_job_that_ended_a_page_goes_to_its_end(
    jobs: list[UUID], operative: User, operative_client: Client
) -> None:
    assert operative.operative_id
    for work_id in jobs:
        factories.assign(work_id, operative.operative_id)
    first = ask(operative_client, f"/operatives/{operative.operative_id}/queue?limit=2").json()
    factories.abandon(jobs[1])
    factories.assign(jobs[1], operative.operative_id)
    assert titles(rest_of(operative_client, first["next"])) == ["Fault 2", "Fault 3", "Fault 4", "Fault 1"]


def test_the_rest_of_the_buyers_comes_when_rows_change_and_others_register(control_client: Client) -> None:
    def register(name: str) -> UUID:
        order_id = factories.place_order(
            {belt: 1}, buyer=f"Buyer {name}", email=f"{name.lower()}@example.com"
        )
        return factories.verify_buyer(order_id)

    belt = factories.create_product()
    buyers = [register(name) for name in ("Ash", "Byron", "Curie", "Darwin")]
    for address in ("/buyers?limit=2", "/buyers?limit=2&q=buyer"):
        first = ask(control_client, address).json()
        (after,) = re.findall(r"after=([\w-]{30,})$", first["next"])
        assert "byron" not in after.lower()
        sorted_by = BuyerRow.objects.get(pk=buyers[1]).sort_key
        BuyerRow.objects.filter(pk=buyers[1]).update(sort_key="zz")  # as a read model of a later version may
        rest = [each["name"] for each in rest_of(control_client, first["next"])]
        assert rest == ["Buyer Curie", "Buyer Darwin", "Buyer Byron"]
        BuyerRow.objects.filter(pk=buyers[1]).update(sort_key=sorted_by)
    first = ask(control_client, "/buyers?limit=2").json()
    register("Aachen")  # before the place
    register("Curie-Joliot")  # after it
    rest = [each["name"] for each in rest_of(control_client, first["next"])]
    assert rest == ["Buyer Curie", "Buyer Curie-Joliot", "Buyer Darwin"]


# --- On pages ----------------------------------------------------------------------------------------


def test_parked_events_go_on_when_the_event_that_ended_a_page_is_tried_again(
    administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactions, "PAGE", 2)
    parked = [parked_event(kind) for kind in ("First", "Second", "Third")]
    first = administration_client.get(REACTIONS).context["page"]
    ParkedEvent.objects.filter(pk=parked[1].pk).update(attempts=1, due_at=timezone.now())
    second = administration_client.get(REACTIONS, {"after": first.after}).context["page"]
    assert [row.type for row in second.rows] == ["Third", "Second"]


@dataclass(frozen=True)
class Listed:
    """A page of a list: its address, where its size is set, its rows, and how a place in it was named."""

    address: str
    size: str
    rows: Callable[[Any], Any]
    plain: Callable[[Any], str]
    after: str = "after"


def moment_and_number(row: WorkRow) -> str:
    return f"{(row.raised_at - EPOCH) // timedelta(microseconds=1)}-{row.number}"


PAGES = {
    "work": Listed("/work/", "support.views.work.PAGE", lambda found: found["page"].rows, moment_and_number),
    "tray": Listed(
        "/control/",
        "readmodels.queries.board.TRAY",
        lambda found: [job.work for job in found["board"].tray.rows],
        moment_and_number,
        "tray_after",
    ),
    "queue": Listed(
        "/operatives/{operative}/",
        "readmodels.queries.duty.QUEUE",
        lambda found: [job.work for job in found["duty"].queue.rows],
        lambda row: str(row.queue_place),
    ),
    "orders": Listed(
        "/orders/",
        "orders.views.order_list.PAGE",
        lambda found: found["page"].rows,
        lambda row: str(row.number),
    ),
    "orders of a buyer": Listed(
        "/orders/buyers/{buyer}/",
        "orders.views.buyer.PAGE",
        lambda found: found["page"].rows,
        lambda row: str(row.number),
    ),
    "reactions": Listed(
        REACTIONS,
        "eventlog.reactions.PAGE",
        lambda found: found["page"].rows,
        lambda row: f"{row.reason}-{row.pk}",
    ),
    "deliveries": Listed(
        "/administration/webhooks/{webhook}/",
        "integration.views.log.PAGE",
        lambda found: found["page"].rows,
        lambda row: str(row.pk),
    ),
}


@pytest.fixture
def places(jobs: list[UUID], orders: list[UUID]) -> dict[str, Any]:
    """Five rows for every list."""
    operative_id, webhook = (
        factories.hire(),
        Webhook.objects.create(url="https://warehouse.example.com/", types=[]),
    )
    buyer_ids = [factories.verify_buyer(order_id) for order_id in orders]
    for number in range(5):
        factories.assign(factories.raise_work(), operative_id)
        parked_event(f"Event{number}")
        delivery(webhook, "callout.work.raised.v1", f"work-{number}")
    return {"operative": operative_id, "buyer": buyer_ids[0], "webhook": webhook.pk}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_the_next_by_an_opaque_place_and_takes_the_plain_one(
    name: str, places: dict[str, Any], root_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = PAGES[name]
    monkeypatch.setattr(listed.size, 2)
    address = listed.address.format(**places)
    first = root_client.get(address)
    (after,) = re.findall(rf'rel="next" href="\?{listed.after}=([^"]*)"', first.content.decode())
    assert re.fullmatch(r"[\w-]{30,}", after)
    last = listed.rows(first.context)[-1]
    opaque, plain = (root_client.get(address, {listed.after: at}) for at in (after, listed.plain(last)))
    rows = listed.rows(opaque.context)
    assert len(rows) == 2
    assert not {last.pk, listed.rows(first.context)[0].pk} & {row.pk for row in rows}
    assert rows == listed.rows(plain.context)


@pytest.mark.parametrize("name", ["work", "orders", "queue"])
def test_so_does_an_answer_of_the_api(name: str, places: dict[str, Any], root_client: Client) -> None:
    listed = PAGES[name]
    path = {"queue": f"/operatives/{places['operative']}/queue"}.get(name, f"/{name}")
    first = ask(root_client, f"{path}?limit=2").json()
    assert re.search(r"after=[\w-]{30,}$", first["next"])
    rows = OrderRow.objects if name == "orders" else WorkRow.objects
    plain = listed.plain(rows.get(pk=first["items"][-1]["id"]))
    opaque = ask(root_client, first["next"]).json()["items"]
    assert opaque == ask(root_client, f"{path}?limit=2&after={plain}").json()["items"]
    assert len(opaque) == 2
