"""What other systems are told, against what docs/integration-events.md promises them."""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from django.conf import settings

from eventstore.current import current_store
from eventstore.reactions.reaction import registry
from integration.event_messages import told
from integration.events import by_type, schema_of
from integration.translation import as_json
from orders.order import Status
from support.events import AbandonReason
from support.work import Stage
from tests import factories
from tests.factories import noon
from tests.integration.bus import kinds, stream
from tests.orders.settle import everything

pytestmark = pytest.mark.django_db

DOCUMENT = (settings.BASE_DIR / "docs/integration-events.md").read_text()


def everything_told() -> list[CloudEvent]:
    """The integration events of every stored event."""
    return [each for recorded in everything() for each in told(recorded)]


def data_of(events: list[CloudEvent]) -> list[Any]:
    return [each.get_data() for each in events]


def is_as_promised(event: CloudEvent) -> bool:
    """Whether the data has the fields of its type, each of its kind, and no other."""
    data = event.get_data()
    return bool(data == msgspec.to_builtins(msgspec.convert(data, by_type[event.get_type()])))


def blocks(kind: str) -> tuple[Any, Any]:
    """The schema and the example that the document gives for a type."""
    section = DOCUMENT.split(f"### `{kind}`")[1].split("\n### ")[0].split("\n## ")[0]
    schema, example = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    return json.loads(schema), json.loads(example)


@pytest.mark.parametrize("kind", by_type)
def test_the_document_has_the_schema_and_an_example_of_each_type(kind: str) -> None:
    schema, example = blocks(kind)
    assert schema == schema_of(by_type[kind])
    event = JSONFormat().read(CloudEvent, json.dumps(example))
    assert isinstance(event, CloudEvent)
    assert event.get_type() == kind
    assert is_as_promised(event)


def test_the_document_names_no_type_that_there_is_not() -> None:
    assert re.findall(r"^### `(.+)`$", DOCUMENT, re.MULTILINE) == list(by_type)


def test_an_order_that_is_shipped() -> None:
    belt, lamp = factories.create_product("Fan belt", "12.50"), factories.create_product("Lamp", "3.05")
    work_id = factories.raise_work()
    order_id = factories.order_at(Status.SHIPPED, {belt: 4, lamp: 1}, work_id=work_id)
    events = [each for each in everything_told() if each.get_subject() == stream("order", order_id)]
    assert kinds(events) == ["order.started.v1", *["order.status-changed.v1"] * 5]
    started, *changes = data_of(events)
    assert started == {
        "order_id": str(order_id),
        "lines": [
            {"product_id": str(belt), "units": 4, "unit_price": "12.50"},
            {"product_id": str(lamp), "units": 1, "unit_price": "3.05"},
        ],
        "currency": "GBP",
        "site_id": None,
        "work_id": str(work_id),
    }
    assert [(each["from"], each["to"]) for each in changes] == [
        (None, "submitted"),
        ("submitted", "awaiting-validation"),
        ("awaiting-validation", "stock-confirmed"),
        ("stock-confirmed", "paid"),
        ("paid", "shipped"),
    ]
    assert all(map(is_as_promised, events))


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (Status.SUBMITTED, "submitted"),
        (Status.AWAITING_VALIDATION, "awaiting-validation"),
        (Status.STOCK_CONFIRMED, "stock-confirmed"),
    ],
)
def test_a_cancelled_order_says_what_it_was(status: Status, name: str) -> None:
    order_id = factories.order_at(status)
    factories.cancel_order(order_id)
    data = everything_told()[-1].get_data()
    assert data == {"order_id": str(order_id), "from": name, "to": "cancelled"}


def test_stock_that_was_corrected_is_told_without_the_reason() -> None:
    belt = factories.create_product(stock=10)
    factories.correct_stock(belt, -3, "Broken by somebody")
    (event,) = everything_told()
    assert (event.get_type(), event.get_subject()) == ("callout.stock.corrected.v1", stream("product", belt))
    assert event.get_data() == {"product_id": str(belt), "difference": -3}
    assert is_as_promised(event)


def test_stock_that_was_rejected_and_a_price_that_changed() -> None:
    belt = factories.create_product("Fan belt", "12.50", 3)
    order_id = factories.reserve(belt, 4)
    factories.reprice(belt, "13.00")
    events = everything_told()
    assert kinds(events) == ["stock.rejected.v1", "product.price-changed.v1"]
    assert data_of(events) == [
        {"product_id": str(belt), "order_id": str(order_id), "quantity": 4, "available": 3},
        {"product_id": str(belt), "old_price": "12.50", "price": "13.00", "currency": "GBP"},
    ]
    assert all(map(is_as_promised, events))


def test_work_raised_assigned_abandoned_and_completed() -> None:
    site_id, ada = factories.acquire(), factories.hire()
    work_id = factories.raise_work(site_ids=[site_id])
    factories.assign(work_id, ada)
    factories.abandon(work_id, AbandonReason.UNSAFE, "Gas.")
    factories.assign(work_id, ada)
    factories.complete(work_id, "Mended.")
    events = everything_told()
    names = ["raised", "assigned", "abandoned", "assigned", "completed"]
    assert kinds(events) == [f"work.{name}.v1" for name in names]
    ids = {"work_id": str(work_id), "operative_id": str(ada)}
    first, *others = data_of(events)
    assert first == {"work_id": str(work_id), "site_ids": [str(site_id)]}
    assert others == [ids, ids | {"reason": "unsafe"}, ids, ids]
    assert all(map(is_as_promised, events))


def test_every_reason_for_abandoning_can_be_told() -> None:
    for reason in AbandonReason:
        work_id = factories.work_at(Stage.ASSIGNED)
        factories.abandon(work_id, reason, "Said.")
    assert all(map(is_as_promised, everything_told()))


def test_what_was_told_and_is_undone_is_told_by_its_id() -> None:
    work_id, ada = factories.raise_work(), factories.hire()
    for _ in range(2):
        factories.assign(work_id, ada)
        factories.undo(work_id)
    factories.assign(work_id, ada)
    factories.complete(work_id)
    factories.undo(work_id)
    factories.abandon(work_id)
    factories.undo(work_id)
    withdrawn = factories.work_at(Stage.WITHDRAWN)
    events = everything_told()
    data = dict(zip([each.get_id() for each in events], data_of(events), strict=True))
    kind = {each.get_id(): each.get_type() for each in events}
    undone = [each for each in data.values() if "undone_id" in each]
    names = ["assigned", "assigned", "completed", "abandoned", "raised"]
    assert [each["undone"] for each in undone] == names
    assert [kind[each["undone_id"]] for each in undone] == [f"callout.work.{name}.v1" for name in names]
    for each in undone:
        it = data[each["undone_id"]]
        assert (it["work_id"], it.get("operative_id")) == (each["work_id"], each["operative_id"])
    assert undone[-1]["work_id"] == str(withdrawn)
    assert all(map(is_as_promised, events))


def test_the_undo_of_what_was_not_told_is_not_told() -> None:
    work_id = factories.work_at(Stage.DISPATCHED)
    factories.undo(work_id)
    factories.set_out(work_id)
    factories.arrive(work_id)
    factories.undo(work_id)
    assert kinds(everything_told()) == ["work.raised.v1", "work.assigned.v1"]


def test_the_envelope_says_which_event_it_was() -> None:
    work_id = factories.raise_work(at=noon(1))
    factories.assign(work_id, factories.hire(), at=noon(2))
    (recorded,) = current_store().read_stream(stream("work", work_id), 1)
    (event,) = told(recorded)
    assert event.get_id() == str(recorded.id)
    assert event.get_subject() == stream("work", work_id)
    assert event.get_time() == noon(2)
    assert event.get_extension("sequence") == "0000000001"
    assert json.loads(as_json(event))["specversion"] == "1.0"


def test_a_second_event_of_the_same_cause_has_an_id_of_its_own_which_stays() -> None:
    factories.place_order()
    recorded = everything()[-1]
    first, second = told(recorded)
    assert first.get_id() == str(recorded.id)
    assert second.get_id() != first.get_id()
    assert second.get_id() == told(recorded)[1].get_id()
    assert str(UUID(second.get_id())) == second.get_id()


def test_nothing_that_people_are_called_or_wrote_is_told() -> None:
    words = [f"secret{uuid4().hex[:8]}" for _ in range(9)]
    title, description, note, outcome, buyer, email, product, forename, reason = words
    operative = factories.hire(forename)
    for work_id in (factories.raise_work(title, description), factories.raise_work(title, description)):
        factories.assign(work_id, operative)
    factories.abandon(work_id, note=note)
    factories.assign(work_id, operative)
    factories.complete(work_id, outcome)
    belt = factories.create_product(product, "12.50", 1)
    placed = {"buyer": buyer, "email": f"{email}@example.com"}
    order_id = factories.order_at(Status.AWAITING_VALIDATION, {belt: 2}, **placed)
    factories.ask_stock(order_id)
    factories.reprice(belt, "1.00")
    factories.cancel_order(factories.place_order(buyer=buyer), reason)
    said = b" ".join(map(as_json, everything_told())).decode()
    stored = " ".join(each.data for each in everything())
    for word in [*words, "Harbour", '"1111"', "Hopper", "2099-03"]:
        assert word in stored
        assert word not in said


def test_the_bus_is_off_unless_the_settings_name_one() -> None:
    assert "bus" not in registry
    assert "webhooks" in registry
