"""Long streams: what was done once stays done once, however little of them is read. Over every store."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from django.core.management import CommandError, call_command

from eventstore import snapshots
from eventstore.current import current_store
from eventstore.decider import Refused, deciders
from eventstore.dispatch import CommandIdReused, Outcome, dispatch, event_id_of
from eventstore.models import Receipt, Snapshot
from eventstore.state import from_plain, plain, state_version
from eventstore.store import EventStore, RecordedEvent, Unreachable, WrongVersion
from orders.buyer import BUYER, Buyer
from products.commands import (
    ProductCommand,
    ReleaseStock,
    RenameProduct,
    ReserveStock,
    RestockProduct,
    WithdrawProduct,
)
from products.events import StockReserved
from products.product import PRODUCT, Product
from products.reserved import Reserved
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside

LONG = 5


@pytest.fixture(autouse=True)
def many(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few events are many here; and this process knows of no long stream yet."""
    current_store.cache_clear()
    monkeypatch.setattr(snapshots, "EVERY", LONG)
    monkeypatch.setattr(snapshots, "_long", set())


def send(command: ProductCommand, by: str = "user-1", **given: Any) -> Outcome:
    return dispatch(command, to=PRODUCT, by=by, **given)


def restock(product_id: UUID, times: int) -> None:
    for _ in range(times):
        send(RestockProduct(product_id=product_id, quantity=1))


def product_of(events: int) -> UUID:
    """A product with a stream of so many events."""
    product_id = factories.create_product(stock=10)
    restock(product_id, events - 1)
    return product_id


def versions(product_id: UUID) -> list[int]:
    return [each.version for each in current_store().read_stream(PRODUCT.stream(product_id))]


def kept(product_id: UUID) -> list[int]:
    found = Snapshot.objects.filter(stream=PRODUCT.stream(product_id))
    return list(found.values_list("version", flat=True))


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each read of a stream brings, from now on."""
    brought: list[int] = []
    store = type(current_store())
    read: Callable[..., list[RecordedEvent]] = store.read_stream

    def noting(*asked: Any, **how: Any) -> list[RecordedEvent]:
        found = read(*asked, **how)
        brought.append(len(found))
        return found

    monkeypatch.setattr(store, "read_stream", noting)
    return brought


# --- What is read ----------------------------------------------------------------------------------


def test_a_short_stream_is_read_in_one_query_and_has_no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    product_id = product_of(LONG - 2)
    brought = counted(monkeypatch)
    monkeypatch.setattr(snapshots, "_kept", None)  # not asked for
    restock(product_id, 1)
    assert (brought, kept(product_id)) == ([LONG - 2], [])


def test_of_a_long_stream_only_the_newest_events_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    product_id = product_of(40)
    brought = counted(monkeypatch)
    restock(product_id, 10)
    assert max(brought) <= LONG
    assert snapshots.read(PRODUCT, product_id).state.stock == 59
    assert versions(product_id) == list(range(50))
    (version,) = kept(product_id)
    assert version > 50 - LONG - 1


def test_a_process_that_does_not_know_the_stream_looks_at_its_beginning_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product_id = product_of(40)
    snapshots._long.clear()
    brought = counted(monkeypatch)
    restock(product_id, 1)
    assert len(brought) == 2
    assert max(brought) <= LONG


# --- Once stays once -------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["moved on", "would be refused", "would change nothing"])
def test_sent_again_from_before_the_snapshot_it_is_answered_the_first_outcome(then: str) -> None:
    product_id, command_id = product_of(3), uuid4()
    command = RenameProduct(product_id=product_id, name="V-belt")
    first = send(command, command_id=command_id)
    restock(product_id, 12)
    if then == "would be refused":
        send(WithdrawProduct(product_id=product_id))
    elif then == "moved on":
        send(RenameProduct(product_id=product_id, name="Belt"))
    before = versions(product_id)
    assert send(command, command_id=command_id) == first
    assert versions(product_id) == before


def test_what_another_said_or_otherwise_is_told_from_before_the_snapshot_too() -> None:
    product_id, command_id = product_of(3), uuid4()
    command = RenameProduct(product_id=product_id, name="V-belt")
    send(command, command_id=command_id)
    restock(product_id, 12)
    with pytest.raises(CommandIdReused, match="other contents"):
        send(replace(command, name="Belt"), command_id=command_id)
    with pytest.raises(CommandIdReused, match="Somebody else"):
        send(command, by="user-2", command_id=command_id)


def test_two_at_once_have_their_effect_once() -> None:
    product_id, command_id = product_of(12), uuid4()
    command, start = RestockProduct(product_id=product_id, quantity=1), Barrier(4, timeout=PATIENCE)

    def at_once() -> Outcome:
        start.wait()
        return send(command, command_id=command_id)

    with Beside(4) as beside:
        outcomes = [each.result(PATIENCE) for each in [beside.run(at_once) for _ in range(4)]]
    assert outcomes == [outcomes[0]] * 4
    assert versions(product_id) == list(range(13))


def test_a_version_that_is_expected_is_that_of_the_whole_stream() -> None:
    product_id, command_id = product_of(12), uuid4()
    command = RestockProduct(product_id=product_id, quantity=1)
    with pytest.raises(WrongVersion):
        send(command, expected_version=3)
    first = send(command, expected_version=11, command_id=command_id)
    restock(product_id, 9)
    assert send(command, expected_version=11, command_id=command_id) == first


def test_an_answer_that_was_lost_is_had_when_it_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    product_id, command_id = product_of(12), uuid4()
    command, store = RestockProduct(product_id=product_id, quantity=1), type(current_store())
    append: Callable[..., int] = store.append

    def losing(*what: Any, **how: Any) -> int:
        append(*what, **how)
        raise Unreachable("No answer", nothing_changed=False)

    with monkeypatch.context() as broken:
        broken.setattr(store, "append", losing)
        with pytest.raises(Unreachable):
            send(command, command_id=command_id)
    restock(product_id, 12)
    assert send(command, command_id=command_id).version == 12
    assert versions(product_id) == list(range(25))


def test_the_events_of_one_command_are_answered_together() -> None:
    buyer, order_id = factories.verify_buyer(factories.place_order()), uuid4()
    sent = snapshots.read(BUYER, buyer, [order_id]).sent
    assert sent == ()
    recorded = current_store().read_stream(BUYER.stream(buyer))
    assert [each.type for each in recorded] == ["BuyerRegistered", "PaymentMethodVerified"]
    for number in range(LONG):
        factories.verify_buyer(factories.place_order({factories.create_product(f"Belt {number}"): 1}))
    own_id = next(each for each in own_ids(buyer, recorded) if event_id_of(each, 0) == recorded[0].id)
    assert list(snapshots.read(BUYER, buyer, [own_id]).sent) == recorded


def own_ids(buyer: UUID, recorded: Sequence[RecordedEvent]) -> list[UUID]:
    return [uuid5(each.event.order_id, f"VerifyPaymentMethod {buyer}") for each in recorded[1:]]


def test_what_an_order_asked_for_is_known_when_it_has_long_been_given_back() -> None:
    product_id, order_id = product_of(1), uuid4()
    command = ReserveStock(product_id=product_id, order_id=order_id, quantity=2)
    first = send(command)
    send(ReleaseStock(product_id=product_id, order_id=order_id))
    for _ in range(2):
        assert send(command, by="reaction stock", command_id=uuid4()) == first
        restock(product_id, 12)
    assert snapshots.read(PRODUCT, product_id).state.reserved == {}


def test_an_order_from_before_is_known_by_the_id_that_its_sender_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product_id, order_id, command_id = product_of(1), uuid4(), uuid4()
    command = ReserveStock(product_id=product_id, order_id=order_id, quantity=2)
    with monkeypatch.context() as then:
        then.setitem(PRODUCT.__dict__, "own_id", lambda _: None)
        first = send(command, command_id=command_id)
    send(ReleaseStock(product_id=product_id, order_id=order_id))
    restock(product_id, 12)
    assert send(command, command_id=command_id) == first
    assert isinstance(first.events[0], StockReserved)
    assert len(versions(product_id)) == 15


# --- Another history -------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["another event", "an event that is not there"])
def test_a_snapshot_of_another_history_goes_with_its_receipts(of: str) -> None:
    product_id, command_id = product_of(3), uuid4()
    command = RestockProduct(product_id=product_id, quantity=7)
    first = send(command, command_id=command_id)
    restock(product_id, 12)
    row = Snapshot.objects.get()
    row.state = row.state.replace('"stock":', '"stock":99')
    if of == "another event":
        row.event_id = uuid4()
    else:
        row.version += 20
    row.save()
    assert send(command, command_id=command_id) == first
    assert not Snapshot.objects.exists()
    assert not Receipt.objects.exists()
    assert snapshots.read(PRODUCT, product_id).state.stock == 31


def test_a_receipt_counts_only_if_its_event_stands_there(kurrent: EventStore) -> None:
    product_id, command_id = product_of(12), uuid4()
    stream = PRODUCT.stream(product_id)
    Receipt.objects.create(stream=stream, event_id=event_id_of(command_id, 0), version=2)
    restocked = send(RestockProduct(product_id=product_id, quantity=1), command_id=command_id)
    assert restocked.version == 12
    ids = {each.id: each.version for each in current_store().read_stream(stream)}
    assert {each.event_id: each.version for each in Receipt.objects.all()} == ids


def test_on_a_store_without_an_index_receipts_are_complete_up_to_the_snapshot(kurrent: EventStore) -> None:
    product_id = product_of(14)
    (version,) = kept(product_id)
    recorded = current_store().read_stream(PRODUCT.stream(product_id))[: version + 1]
    assert {each.event_id: each.version for each in Receipt.objects.all()} == {
        each.id: each.version for each in recorded
    }


def test_code_of_another_version_keeps_its_own() -> None:
    product_id = product_of(12)
    newer = replace(PRODUCT, state_version=2)
    dispatch(RestockProduct(product_id=product_id, quantity=1), to=newer, by="user-1")
    assert Snapshot.objects.filter(stream=PRODUCT.stream(product_id)).count() == 2
    assert state_version(newer) != state_version(PRODUCT)


def test_a_snapshot_that_fails_is_logged_and_costs_time_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(snapshots, "plain", lambda _: 1 / 0)
    product_id = product_of(12)
    assert versions(product_id) == list(range(12))
    assert not kept(product_id)
    assert f"No snapshot of {PRODUCT.stream(product_id)}" in caplog.text


def test_verify_names_a_state_that_is_not_what_its_events_come_to() -> None:
    product_id = product_of(12)
    assert list(snapshots.wrong()) == []
    row = Snapshot.objects.get()
    row.state = row.state.replace('"stock":', '"stock":9')
    row.save()
    (sentence,) = snapshots.wrong()
    stands = f"{PRODUCT.stream(product_id)}@{row.version}"
    assert sentence == f"{stands}: the kept state is not what its events come to"


def test_the_command_verify_fails_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    product_of(12)
    Snapshot.objects.update(event_id=uuid4())
    monkeypatch.setattr("eventstore.management.commands.verify.registry", {})
    with pytest.raises(CommandError, match="Kept states differ"):
        call_command("verify")


# --- Plain values ----------------------------------------------------------------------------------


def test_every_state_is_of_plain_values() -> None:
    for each in deciders.values():
        assert from_plain(type(each.initial), plain(each.initial)) == each.initial
    product = Product(price=Decimal("1.50"), reserved=Reserved({uuid4(): 3}).having(uuid4(), 2))
    assert from_plain(Product, plain(product)) == product
    buyer = Buyer(unpaid=frozenset([uuid4(), uuid4()]))
    assert from_plain(Buyer, plain(buyer)) == buyer


def test_a_state_of_anything_else_is_not_kept() -> None:
    with pytest.raises(TypeError, match="no plain value"):
        plain(Buyer(unpaid=Refused))  # type: ignore[arg-type]
