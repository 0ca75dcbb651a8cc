"""Every event of every aggregate, taken through every place that lists events (CONTRIBUTING names them).

A new event fails these tests until each place has decided about it.
"""

import re
import typing
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from eventlog import subjects
from eventstore import codec
from eventstore.current import current_store
from eventstore.events import all_types, type_of
from eventstore.models import Checkpoint
from eventstore.projections.read_model import registry
from eventstore.store import NO_STREAM, Metadata, NewEvent, RecordedEvent
from integration.translation import TOLD, translate
from operatives.events import OperativeEvent, OperativeHired
from orders.events import BuyerEvent, BuyerRegistered, OrderEvent, OrderStarted
from products.events import ProductCreated, ProductEvent
from readmodels.models import WorkRow
from readmodels.time_travel import KINDS, as_it_was
from sites.events import SiteAcquired, SiteEvent
from support.events import WorkAssigned, WorkChangeUndone, WorkEvent, WorkRaised
from support.story import NOUNS
from support.undo import undoable
from support.work import WORK
from tests import factories
from tests.conftest import browser_of, person
from tests.events.foreign import append, unreadable

EVENTS: dict[str, Any] = {
    "work": WorkEvent,
    "operative": OperativeEvent,
    "site": SiteEvent,
    "product": ProductEvent,
    "order": OrderEvent,
    "buyer": BuyerEvent,
}
FIRST: dict[str, list[type]] = {
    "work": [WorkRaised, WorkAssigned],
    "operative": [OperativeHired],
    "site": [SiteAcquired],
    "product": [ProductCreated],
    "order": [OrderStarted],
    "buyer": [BuyerRegistered],
}
"""What happens before any other event of the kind."""
PAGES = {
    "work": ["/work/{}/", "/work/{}/?version=0", "/work/", "/control/", "/"],
    "operative": [
        "/operatives/{}/",
        "/operatives/{}/?news=0",
        "/administration/operatives/{}/",
        "/operatives/",
    ],
    "site": ["/administration/sites/{}/", "/administration/sites/"],
    "product": ["/products/{}/", "/products/"],
    "order": ["/orders/{}/", "/orders/"],
    "buyer": ["/orders/buyers/{}/"],
}
API = {
    "work": "work",
    "operative": "operatives",
    "site": "sites",
    "product": "products",
    "order": "orders",
    "buyer": "buyers",
}
UNTOLD = {
    *("OperativeDispatched", "OperativeArrived"),
    *("OperativeHired", "OperativeRenamed", "OperativeReleased"),
    *("SiteAcquired", "SiteCorrected", "SiteRelinquished"),
    *("ProductCreated", "ProductRenamed", "ProductRestocked", "ProductWithdrawn"),
    *("StockReserved", "StockReleased"),
    *("OrderBuyerVerified", "OrderLineReserved", "OrderLineRejected"),
    *("BuyerRegistered", "PaymentMethodVerified", "PaymentRecorded", "DiscountEarned"),
}
"""Of these no other system hears."""
UNSHOWN = {"StockRejected"}
"""No read model handles these."""
WRITTEN = {"email": "grace@example.com", "buyer_email": "grace@example.com", "stage": "raised"}
"""Texts that must be something."""


def kinds(category: str) -> tuple[type, ...]:
    return typing.get_args(EVENTS[category])


def sample(kind: type, **given: Any) -> Any:
    """An instance with something in every field."""
    hints = typing.get_type_hints(kind)
    assert is_dataclass(kind)
    return kind(
        **{each.name: given.get(each.name, value(hints[each.name], each.name)) for each in fields(kind)}
    )


def value(hint: Any, name: str) -> Any:
    """A value of this type for a field of this name; always the same."""
    arguments = [each for each in typing.get_args(hint) if each not in (type(None), Ellipsis)]
    if typing.get_origin(hint) is tuple:
        return (value(arguments[0], name.removesuffix("s")),)
    if arguments:
        return value(arguments[0], name)
    if issubclass(hint, Enum):
        return next(iter(hint))
    if is_dataclass(hint):
        return sample(typing.cast(type, hint))
    if issubclass(hint, str):
        return WRITTEN.get(name, name)
    plain = {UUID: uuid5(NAMESPACE_URL, name), int: 2, Decimal: Decimal("12.50"), datetime: timezone.now()}
    return plain[hint]


def happen(category: str, kind: type, actor: str) -> list[RecordedEvent]:
    """A new aggregate to which this has happened, after the events that must come first."""
    own = {f"{category}_id": uuid4()}
    before = FIRST[category][: FIRST[category].index(kind)] if kind in FIRST[category] else FIRST[category]
    new: list[NewEvent] = []
    for each in [*before, kind]:
        undoes = {"undone": new[-1].type, "undone_id": new[-1].id} if each is WorkChangeUndone else {}
        new.append(stored(sample(each, **own, **undoes), actor))
    stream = f"{category}-{own[f'{category}_id']}"
    current_store().append(stream, NO_STREAM, new)
    return current_store().read_stream(stream)


def stored(event: object, actor: str) -> NewEvent:
    name, version = codec.registered(event)
    metadata = Metadata(actor=actor, correlation_id=uuid4(), causation_id=uuid4(), source="test")
    data = codec.encode(event)
    return NewEvent(
        id=uuid4(),
        type=name,
        schema_version=version,
        data=data,
        metadata=metadata,
        occurred_at=timezone.now(),
    )


def headings(html: str) -> list[str]:
    """The headings of the entries of a page's story."""
    story = html.partition('<ol class="story')[2].partition("</ol>")[0]
    found = re.findall(r"<h3>(.*?)</h3>", story, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


def test_every_event_belongs_to_an_aggregate() -> None:
    ours = {each.__module__ for category in EVENTS for each in kinds(category)}
    registered = {each.cls for each in all_types() if each.cls.__module__ in ours}
    assert registered == {kind for category in EVENTS for kind in kinds(category)}


def test_every_aggregate_has_a_history_and_a_name_in_the_list_of_events() -> None:
    assert EVENTS.keys() == KINDS.keys() == subjects.CATEGORIES.keys() == subjects.PAGES.keys()


def test_of_every_event_it_is_said_whether_other_systems_hear() -> None:
    everything = {type_of(kind).name for category in EVENTS for kind in kinds(category)}
    told = {type_of(kind).name for kind in TOLD}
    assert (told | UNTOLD, told & UNTOLD) == (everything, set())


@pytest.fixture
def somebody(db: None) -> User:
    """A person who may do everything, and does it, but sees no events, so that pages only use words."""
    return person("somebody", "Response", "Control")


@pytest.mark.parametrize("category", EVENTS)
def test_every_page_tells_of_every_event(category: str, somebody: User, root_client: Client) -> None:
    words = browser_of(somebody)
    factories.hire()
    for kind in kinds(category):
        history = happen(category, kind, somebody.actor)
        assert not Checkpoint.objects.exclude(error="").exists(), kind
        latest, aggregate_id = history[-1], history[-1].stream.partition("-")[2]
        for page in PAGES[category]:
            assert root_client.get(page.format(aggregate_id)).status_code in {200, 204}, (kind, page)
        listed = root_client.get("/events/", {"stream": latest.stream})
        assert latest.type in listed.content.decode(), kind
        told = headings(words.get(PAGES[category][0].format(aggregate_id)).content.decode())
        assert all(told), kind
        assert latest.type not in told, kind
        if category in {"work", "product", "order"}:
            assert len(told) == len(history), kind


@pytest.mark.parametrize("category", EVENTS)
def test_every_page_is_shown_though_any_event_of_it_cannot_be_read(
    category: str, somebody: User, root_client: Client
) -> None:
    factories.hire()
    for kind in kinds(category):
        latest = happen(category, kind, somebody.actor)[-1]
        aggregate_id = latest.stream.partition("-")[2]
        strange = unreadable(latest.type, **{f"{category}_id": UUID(aggregate_id)})
        append(strange, latest.stream, latest.version)
        for page in (*PAGES[category], f"/events/?stream={latest.stream}"):
            assert root_client.get(page.format(aggregate_id)).status_code in {200, 204}, (kind, page)
        Checkpoint.objects.exclude(error="").update(error="", position=current_store().head())


@pytest.mark.parametrize("category", EVENTS)
def test_the_api_tells_of_every_event(category: str, root: User, root_client: Client) -> None:
    for kind in kinds(category):
        history = happen(category, kind, root.actor)
        address = f"/api/{API[category]}/{history[-1].stream.partition('-')[2]}"
        for page in (address, f"{address}?version={len(history) - 1}"):
            assert root_client.get(page).status_code == 200, (kind, page)
        told = root_client.get(f"{address}/history").json()["items"]
        assert [each["type"] for each in told] == [each.type for each in reversed(history)]
        everything = root_client.get("/api/events", {"types": history[-1].type}).json()["items"]
        assert everything[-1]["stream"] == history[-1].stream


@pytest.mark.parametrize("category", EVENTS)
def test_read_models_and_other_systems_take_every_event(category: str, root: User) -> None:
    for kind in kinds(category):
        *earlier, latest = happen(category, kind, root.actor)
        shown = any(latest.type in each.types for each in registry.values())
        assert shown is (latest.type not in UNSHOWN), kind
        told = translate(latest, partial(list, earlier), currency="GBP")
        assert bool(told) is (kind in TOLD), kind


def test_every_step_of_work_can_be_undone_by_its_name(root: User) -> None:
    for kind in kinds("work"):
        history = happen("work", kind, root.actor)
        WORK.fold(each.event for each in history)
        undoing = undoable(history, root)
        assert undoing is not None, kind
        assert undoing.what in NOUNS.values(), kind
        assert type_of(kind).name in NOUNS, kind


def test_a_job_is_as_it_was_once_any_step_of_it_is_undone(root: User) -> None:
    """Also if no read model handles the step."""
    for kind in set(kinds("work")) - {WorkRaised, WorkChangeUndone}:
        history = happen("work", kind, root.actor)
        work_id = UUID(history[-1].stream.partition("-")[2])
        factories.undo(work_id)
        before, after = (row_at(work_id, len(history) + each) for each in (-2, 0))
        assert after == before, kind


def row_at(work_id: UUID, version: int) -> dict[str, Any]:
    found = as_it_was("work", work_id, version=version)
    assert found is not None
    return {each.name: getattr(found.row, each.name) for each in WorkRow._meta.fields}
