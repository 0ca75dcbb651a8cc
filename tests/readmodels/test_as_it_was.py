"""Any aggregate as it was: the rows of then, by replaying its stream through the handlers that run live."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore.decider import Refused
from eventstore.models import StoredEvent
from orders.order import Status
from readmodels.models import OrderLineRow, OrderRow, PriceRow, WorkRow, WorkSiteRow
from readmodels.time_travel import KINDS, Kind, Moment, as_it_was, history_of
from support.events import AbandonReason
from tests import factories
from tests.browser.busy_day import busy_day
from tests.factories import noon
from tests.readmodels.tables import a_busy_day, forget_everything

pytestmark = pytest.mark.django_db(transaction=True)

Held = dict[str, list[dict[str, Any]]]


def values_of(row: models.Model) -> dict[str, Any]:
    """Every column of a row."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def held(found: Moment | None) -> Held:
    """Every column of every row of a moment, by table."""
    if found is None:
        return {}
    rows = {type(found.row).__name__: [values_of(found.row)]}
    return rows | {table.__name__: [values_of(row) for row in part] for table, part in found.parts.items()}


def live(kind: Kind, aggregate_id: UUID) -> Held:
    """The same of the rows that the pages read now."""
    name = kind.table._meta.pk.attname
    tables = [kind.table, *kind.parts]
    rows = {table: table._default_manager.filter(**{name: aggregate_id}).order_by("pk") for table in tables}
    found = {table.__name__: [values_of(row) for row in rows[table]] for table in tables}
    return found if found[kind.table.__name__] else {}


def in_order(found: Held) -> Held:
    """Rows sorted by their values: here it does not matter in which order they are kept."""
    return {table: sorted(rows, key=str) for table, rows in found.items()}


def streams() -> dict[str, int]:
    """Every stream of an aggregate, and its last version."""
    found: dict[str, int] = {}
    for stream, version in StoredEvent.objects.order_by("position").values_list("stream", "version"):
        found[stream] = version
    return found


def named(stream: str) -> tuple[str, UUID]:
    category, _, key = stream.partition("-")
    return category, UUID(key)


# --- The same as live --------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [a_busy_day, busy_day], ids=["each stage", "everything"])
def test_every_aggregate_at_its_last_version_is_the_live_row(day: Callable[[], object]) -> None:
    day()
    kinds = set()
    for stream, version in streams().items():
        category, aggregate_id = named(stream)
        kinds.add(category)
        now = in_order(live(KINDS[category], aggregate_id))
        assert now
        assert in_order(held(as_it_was(category, aggregate_id, version=version))) == now
        assert in_order(held(as_it_was(category, aggregate_id))) == now
        assert in_order(held(history_of(category, aggregate_id)[0])) == now
    assert kinds == set(KINDS)


def remember(seen: dict[tuple[str, int], Held]) -> None:
    """Note the live rows of each aggregate at its present version."""
    for stream, version in streams().items():
        category, aggregate_id = named(stream)
        if (stream, version) not in seen:
            seen[stream, version] = in_order(live(KINDS[category], aggregate_id))


def some(kind: str) -> UUID:
    """The newest aggregate of a kind."""
    return named(StoredEvent.objects.filter(stream__startswith=f"{kind}-", version=0).latest("pk").stream)[1]


HAPPENINGS: list[Callable[[], object]] = [
    lambda: factories.raise_work(site_ids=[factories.acquire(), factories.acquire("9 Mill Lane")]),
    lambda: factories.assign(some("work"), some("operative")),
    lambda: factories.set_out(some("work"), estimated_arrival=None),
    lambda: factories.arrive(some("work")),
    lambda: factories.complete(some("work"), "Done"),
    lambda: factories.abandon(some("work"), AbandonReason.OTHER, "Wasps."),
    lambda: factories.undo(some("work")),
    lambda: factories.rename(some("operative"), "Augusta", "King"),
    lambda: factories.release(some("operative")),
    lambda: factories.correct(some("site"), "The New Mill"),
    lambda: factories.relinquish(some("site")),
    lambda: factories.reprice(some("product"), "13.75"),
    lambda: factories.reprice(some("product"), "9.00"),
    lambda: factories.restock(some("product")),
    lambda: factories.correct_stock(some("product"), -3),
    lambda: factories.reserve(some("product"), 90),
    lambda: factories.place_order({some("product"): 30, factories.create_product("Lamp"): 1}),
    lambda: factories.verify_buyer(some("order")),
    lambda: factories.await_validation(some("order")),
    lambda: factories.ask_stock(some("order")),
    lambda: factories.pay_order(some("order")),
    lambda: factories.ship_order(some("order")),
    lambda: factories.cancel_order(some("order")),
]


NOTHING_NEW = (ValueError, IndexError)
"""Scenes look for the event of a command; a command that was dispatched before causes none."""


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.sampled_from(HAPPENINGS), min_size=10, max_size=40))
def test_each_version_is_what_the_live_rows_were_then(
    transactional_db: None, happenings: list[Callable[[], object]]
) -> None:
    forget_everything()
    factories.raise_work()
    factories.hire()
    factories.place_order({factories.create_product(): 2})
    seen: dict[tuple[str, int], Held] = {}
    remember(seen)
    for happen in happenings:
        try:
            happen()
        except (Refused, *NOTHING_NEW):
            continue
        finally:
            remember(seen)
    for (stream, version), then in seen.items():
        category, aggregate_id = named(stream)
        assert in_order(held(as_it_was(category, aggregate_id, version=version))) == then
        of = {each.recorded.version: each for each in history_of(category, aggregate_id)}
        assert in_order(held(of[version])) == then


# --- At a time ---------------------------------------------------------------------------------------


def stage_at(work_id: UUID, day: int, minute: int = 0) -> str | None:
    found = as_it_was("work", work_id, at=noon(day, minute))
    return found.row.stage if found and isinstance(found.row, WorkRow) else None


@pytest.fixture
def work_id() -> UUID:
    """A job that took four days."""
    job = factories.raise_work(at=noon(1))
    factories.assign(job, factories.hire(), at=noon(2))
    factories.set_out(job, at=noon(3))
    factories.complete(job, at=noon(4))
    return job


def test_a_time_is_when_things_happened_not_when_they_were_recorded(work_id: UUID) -> None:
    assert [stage_at(work_id, day) for day in (1, 2, 3, 4)] == [
        "raised", "assigned", "dispatched", "completed",
    ]  # fmt: skip
    assert [stage_at(work_id, day, -1) for day in (2, 3, 4, 9)] == [
        "raised", "assigned", "dispatched", "completed",
    ]  # fmt: skip


def test_before_it_was_raised_there_was_no_job(work_id: UUID) -> None:
    assert as_it_was("work", work_id, at=noon(1) - timedelta(microseconds=1)) is None


def test_what_was_told_late_counts_from_when_what_it_follows_had_happened() -> None:
    """The arrival is reported as before the departure: it counts once the operative had departed."""
    work_id = factories.raise_work(at=noon(1))
    factories.assign(work_id, factories.hire(), at=noon(1, 10))
    factories.set_out(work_id, at=noon(1, 30))
    factories.arrive(work_id, at=noon(1, 20))
    assert [stage_at(work_id, 1, minute) for minute in (9, 20, 25, 29, 30)] == [
        "raised", "assigned", "assigned", "assigned", "arrived",
    ]  # fmt: skip


def test_events_of_one_moment_count_together() -> None:
    site = factories.acquire(at=noon(1))
    factories.correct(site, "The Old Mill", at=noon(1))
    factories.correct(site, "The New Mill", at=noon(1))
    found = as_it_was("site", site, at=noon(1))
    assert found
    assert values_of(found.row)["address_line_1"] == "The New Mill"


# --- What is asked for in vain -----------------------------------------------------------------------


def test_what_never_was_or_has_not_come_yet(work_id: UUID) -> None:
    assert as_it_was("work", work_id, version=4) is None
    assert as_it_was("work", work_id, version=-1) is None
    assert as_it_was("work", uuid4()) is None
    assert as_it_was("site", work_id) is None
    assert history_of("work", uuid4()) == []


def test_what_cannot_be_meant(work_id: UUID) -> None:
    with pytest.raises(ValueError, match="zone"):
        as_it_was("work", work_id, at=noon(1).replace(tzinfo=None))
    with pytest.raises(ValueError, match="not for both"):
        as_it_was("work", work_id, at=noon(1), version=1)
    with pytest.raises(KeyError):
        as_it_was("timer", work_id)


# --- The rows ----------------------------------------------------------------------------------------


def test_a_history_is_newest_first_with_the_rows_after_each_event(work_id: UUID) -> None:
    history = history_of("work", work_id)
    assert [each.recorded.type for each in history] == [
        "WorkCompleted", "OperativeDispatched", "WorkAssigned", "WorkRaised",
    ]  # fmt: skip
    rows = [each.row for each in history]
    assert [row.stage for row in rows if isinstance(row, WorkRow)] == [
        "completed", "dispatched", "assigned", "raised",
    ]  # fmt: skip


def test_a_job_has_its_number_however_many_there_are(work_id: UUID) -> None:
    second = factories.raise_work()
    for each in (as_it_was("work", second, version=0), *history_of("work", second)):
        assert each
        assert values_of(each.row)["number"] == 2


def test_a_job_that_no_read_model_knows_yet_has_no_number_and_all_the_rest(
    work_id: UUID,
) -> None:
    WorkRow.objects.all().delete()
    found = as_it_was("work", work_id, version=0)
    assert found
    assert (values_of(found.row)["number"], values_of(found.row)["title"]) == (None, "Boiler out")


def test_the_rows_belong_together_and_ask_the_database_for_nothing() -> None:
    sites = [factories.acquire(), factories.acquire()]
    job = as_it_was("work", factories.raise_work(site_ids=sites))
    order = as_it_was(
        "order", factories.place_order({factories.create_product(): 2, factories.create_product(): 1})
    )
    assert job
    assert order
    with CaptureQueriesContext(connection) as queries:
        assert isinstance(job.row, WorkRow)
        assert isinstance(order.row, OrderRow)
        assert [place.site_id for place in job.row.places.all()] == sites
        assert list(job.row.places.all()) == job.parts[WorkSiteRow]
        assert [line.units for line in order.row.lines.all()] == [2, 1]
        assert list(order.row.lines.all()) == order.parts[OrderLineRow]
    assert len(queries) == 0


def test_later_events_do_not_reach_back_into_the_rows_of_earlier_ones() -> None:
    product = factories.create_product(price="12.50")
    factories.reprice(product, "13.00")
    factories.reserve(product, 5)
    prices = [each.parts[PriceRow] for each in history_of("product", product)]
    assert [[values_of(row)["price_cents"] for row in part] for part in prices] == [
        [1250, 1300], [1250, 1300], [1250],
    ]  # fmt: skip
    stock = [values_of(each.row)["stock"] for each in history_of("product", product)]
    assert stock == [95, 100, 100]
    order_id = factories.order_at(Status.STOCK_CONFIRMED)
    lines = [each.parts[OrderLineRow][0] for each in history_of("order", order_id)]
    assert values_of(lines[-1])["is_reserved"] is None
    assert values_of(lines[0])["is_reserved"] is True


def test_an_event_that_the_read_model_does_not_take_in_changes_nothing() -> None:
    product = factories.create_product(stock=1)
    factories.reserve(product, 5)  # rejected
    rejected, created = history_of("product", product)
    assert rejected.recorded.type == "StockRejected"
    assert held(rejected) == held(created)


def test_a_long_history_asks_no_more_of_the_database_than_a_short_one_and_writes_nothing() -> None:
    counts = []
    for times in (1, 10):
        work_id, ada = factories.raise_work(), factories.hire()
        for _ in range(times):
            factories.assign(work_id, ada)
            factories.abandon(work_id)
        with CaptureQueriesContext(connection) as queries:
            assert len(history_of("work", work_id)) == 1 + 2 * times
            as_it_was("work", work_id, version=times)
        assert all(each["sql"].startswith("SELECT") for each in queries)
        counts.append(len(queries))
    assert counts[0] == counts[1]
