"""What is published to a real RabbitMQ, also when the connection is cut and when the worker is killed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from django.conf import LazySettings, settings
from django.db import transaction
from kombu import Connection, Exchange, Message, Queue

from eventstore.current import current_store
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import registry
from eventstore.worker import follow as following
from eventstore.worker.follow import follow
from integration import broker as brokers
from integration import bus
from tests import factories
from tests.eventstore.threads import Beside
from tests.integration.bus import PATIENCE, URL, Listening, Way, event_in, kinds, stream
from tests.integration.node import Node
from tests.orders.settle import run
from tests.worker.processes import Worker, environment, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stop() -> Iterator[Event]:
    stop = Event()
    yield stop
    stop.set()


@pytest.fixture
def way(event_bus: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """The way from here to the broker, and a follower that looks often whether it is there again."""
    monkeypatch.setattr(following, "RETRY", 0.05)
    monkeypatch.setattr(following, "LONGEST_RETRY", 0.2)
    monkeypatch.setattr(brokers, "PATIENCE", 1.0)
    with Way() as made:
        settings.EVENT_BUS_URL = made.url
        yield made


@pytest.fixture
def node(settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Node]:
    """A broker that may be stopped, to which this process publishes; it looks often whether it is there."""
    monkeypatch.setattr(following, "RETRY", 0.05)
    monkeypatch.setattr(following, "LONGEST_RETRY", 0.2)
    with Node(tmp_path / "rabbitmq") as made:
        settings.EVENT_BUS_URL = made.url
        bus.connect()
        yield made
        del registry["bus"]
        bus.broker().close()
        bus.broker.cache_clear()


def the_bus(stop: Event) -> Reactions:
    return Reactions([registry["bus"]], stop)


def publish_all() -> None:
    """Do what a worker does that has just been started."""
    follower = the_bus(Event())
    follower.catch_up(follower.names)


def working_day() -> UUID:
    """A job raised, assigned, given back, assigned and completed: five events."""
    work_id, ada = factories.raise_work(), factories.hire()
    factories.assign(work_id, ada)
    factories.abandon(work_id)
    factories.assign(work_id, ada)
    factories.complete(work_id)
    return work_id


WORKING_DAY = [f"work.{name}.v1" for name in ("raised", "assigned", "abandoned", "assigned", "completed")]


def ids_of(*streams: str) -> list[str]:
    """The ids of the integration events of these streams of work."""
    told = {"WorkRaised", "WorkAssigned", "WorkAbandoned", "WorkCompleted"}
    history = [each for name in streams for each in current_store().read_stream(name)]
    return [str(each.id) for each in sorted(history) if each.type in told]


def test_what_an_order_publishes_from_placed_to_shipped(
    event_bus: None, listening: Listening, settings: LazySettings
) -> None:
    settings.ORDER_GRACE_SECONDS = 0
    belt = factories.create_product("Fan belt", "12.50", 10)
    order_id = factories.place_order({belt: 4})
    run()
    factories.ship_order(order_id)
    run()
    published = listening.of(stream("order", order_id), stream("product", belt))
    assert kinds(published) == ["order.started.v1", *["order.status-changed.v1"] * 5]
    assert [each.get_data()["to"] for each in published[1:]] == [  # type: ignore[index, call-overload]
        "submitted",
        "awaiting-validation",
        "stock-confirmed",
        "paid",
        "shipped",
    ]


def test_what_an_order_without_stock_publishes(
    event_bus: None, listening: Listening, settings: LazySettings
) -> None:
    settings.ORDER_GRACE_SECONDS = 0
    belt, lamp = factories.create_product("Fan belt", stock=10), factories.create_product("Lamp", stock=1)
    order_id = factories.place_order({belt: 4, lamp: 2})
    run()
    published = listening.of(stream("order", order_id), stream("product", belt), stream("product", lamp))
    assert kinds(published) == [
        "order.started.v1",
        "order.status-changed.v1",
        "order.status-changed.v1",
        "stock.rejected.v1",
        "order.status-changed.v1",
    ]


def test_a_message_is_persistent_and_carries_the_id_and_the_type(
    event_bus: None, listening: Listening
) -> None:
    work_id = factories.raise_work()
    publish_all()
    (message,) = (
        each for each in listening.taken() if event_in(each).get_subject() == stream("work", work_id)
    )
    (recorded,) = current_store().read_stream(stream("work", work_id))
    assert message.properties["message_id"] == str(recorded.id)
    assert message.properties["delivery_mode"] == 2
    assert message.content_type == "application/cloudevents+json"
    assert message.delivery_info["routing_key"] == "callout.work.raised.v1"
    with Connection(URL) as connection:  # raises if the exchange is a different one
        Exchange("callout", type="topic", durable=True, passive=True)(connection.channel()).declare()
        Exchange("callout", type="topic", durable=True)(connection.channel()).declare()


def test_what_was_rolled_back_is_not_published(event_bus: None, listening: Listening) -> None:
    with transaction.atomic():
        undone = factories.raise_work()
        transaction.set_rollback(True)
    kept = factories.raise_work()
    publish_all()
    assert kinds(listening.of(stream("work", undone), stream("work", kept))) == ["work.raised.v1"]


def test_nothing_is_lost_and_order_is_kept_while_the_broker_goes_and_comes(
    way: Way, listening: Listening, stop: Event
) -> None:
    with Beside(1) as beside:
        at_work = beside.run(follow, the_bus(stop), stop)
        try:
            days = [working_day()]
            wait_for("the first day", lambda: len(listening.of(*of(days))) == 5)
            for _ in range(3):
                way.cut()
                days += [working_day(), working_day()]
                way.restore()
                days.append(working_day())
            wait_for("every day", lambda: set(ids_of(*of(days))) <= told(listening, days))
        finally:
            stop.set()
        at_work.result(PATIENCE)
    for day in of(days):
        assert kinds(first_of_each(listening, day)) == WORKING_DAY
    assert not ParkedEvent.objects.exists()


def test_nothing_is_lost_and_order_is_kept_while_rabbitmq_itself_is_stopped_killed_and_started(
    node: Node, stop: Event
) -> None:
    declare(node)
    days: list[UUID] = []
    with Beside(2) as beside:
        at_work = beside.run(follow, the_bus(stop), stop)
        going_on = beside.run(day_after_day, days, stop)
        try:
            for end in (node.stop, node.kill):
                published = standing()
                wait_for("the stream to flow", lambda: standing() > published)  # noqa: B023
                end()
                begun = len(days)
                wait_for("some days without a broker", lambda: len(days) > begun + 2)  # noqa: B023
                node.start()
        finally:
            stop.set()
        going_on.result(PATIENCE)
        at_work.result(PATIENCE)
    publish_all()
    arrived = [event_in(each).get_id() for each in kept_by(node)]
    assert list(dict.fromkeys(arrived)) == ids_of(*of(days))
    assert len(arrived) - len(set(arrived)) <= 2, "more than the one that was under way, at each end"
    assert not ParkedEvent.objects.exists()


def day_after_day(days: list[UUID], stop: Event) -> None:
    """Working days until told to stop, several in a second."""
    while not stop.wait(0.1):
        days.append(working_day())


DURABLE = Queue(
    "all", Exchange("callout", type="topic", durable=True), routing_key="callout.work.#", durable=True
)


def declare(node: Node) -> None:
    """A queue that outlives the broker's end."""
    with Connection(node.url) as connection:
        DURABLE(connection.channel()).declare()


def kept_by(node: Node) -> list[Message]:
    """Everything that is in the queue."""
    with Connection(node.url) as connection:
        queue = DURABLE(connection.channel())
        return list(iter(lambda: queue.get(no_ack=True), None))


def standing() -> int:
    """The position of the bus."""
    found = Checkpoint.objects.filter(name="reaction bus").values_list("position", flat=True).first()
    return found or 0


def test_a_broker_that_hangs_is_given_up_and_asked_again(way: Way, listening: Listening, stop: Event) -> None:
    with Beside(1) as beside:
        at_work = beside.run(follow, the_bus(stop), stop)
        try:
            days = [working_day()]
            wait_for("the first day", lambda: len(listening.of(*of(days))) == 5)
            way.hold()
            days.append(working_day())
            wait_for("the worker to give up", lambda: bus.broker()._producer is None)
            way.restore()
            wait_for("the second day", lambda: set(ids_of(*of(days))) <= told(listening, days))
        finally:
            stop.set()
        at_work.result(PATIENCE)
    for day in of(days):
        assert kinds(first_of_each(listening, day)) == WORKING_DAY


def of(days: list[UUID]) -> list[str]:
    return [stream("work", each) for each in days]


def told(listening: Listening, days: list[UUID]) -> set[str]:
    return {each.get_id() for each in listening.of(*of(days))}


def first_of_each(listening: Listening, day: str) -> list:  # type: ignore[type-arg]
    """What a consumer keeps that handles each id once."""
    return list({each.get_id(): each for each in reversed(listening.of(day))}.values())[::-1]


def test_a_worker_killed_after_publishing_publishes_again_with_the_same_id(
    listening: Listening, tmp_path: Path
) -> None:
    fuse = tmp_path / "fuse"
    fuse.touch()
    days = [working_day(), working_day()]
    variables = {
        "DIE": str(fuse),
        "DJANGO_SETTINGS_MODULE": "tests.integration.settings",
        "EVENT_BUS_URL": URL,
    }
    with Worker(tmp_path, **variables):
        wait_for("the worker to die", lambda: not fuse.exists())
    with Worker(tmp_path, **variables) as second:
        wait_for("the rest", lambda: Checkpoint.objects.filter(name="reaction bus", position=head()).exists())
        assert second.terminate() == 0
    arrived = [each.get_id() for each in listening.of(*of(days))]
    assert set(arrived) == set(ids_of(*of(days)))
    twice = [each for each in set(arrived) if arrived.count(each) > 1]
    assert twice == ids_of(of(days)[0])[1:2]
    for day in of(days):
        assert kinds(first_of_each(listening, day)) == WORKING_DAY


def head() -> int:
    return current_store().head()


def test_a_worker_without_a_broker_goes_on_with_everything_else(tmp_path: Path) -> None:
    with Way() as way:
        way.cut()
        with Worker(tmp_path, EVENT_BUS_URL=way.url, ORDER_GRACE_SECONDS="0") as worker:
            order_id = factories.place_order()
            worker.says("Cannot go on (Away")
            wait_for("the order to be paid", lambda: "OrderPaid" in types_of(stream("order", order_id)))
            assert worker.terminate() == 0
    assert not ParkedEvent.objects.filter(reaction="bus").exists()
    assert not Checkpoint.objects.filter(name="reaction bus", position__gt=0).exists()


def types_of(name: str) -> set[str]:
    return {each.type for each in current_store().read_stream(name)}


def test_listen_prints_what_arrives(event_bus: None, tmp_path: Path) -> None:
    with (tmp_path / "said").open("w+") as said, (tmp_path / "log").open("w+") as log:
        listener = subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                "listen",
                "--types",
                "callout.work.raised.v1",
                "callout.stock.#",
            ],
            cwd=settings.BASE_DIR,
            env=environment() | {"EVENT_BUS_URL": URL, "PYTHONUNBUFFERED": "1"},
            stdout=said,
            stderr=log,
        )
        try:
            wait_for("the listener", lambda: "Listening" in (tmp_path / "log").read_text())
            work_id = working_day()
            publish_all()
            wait_for("the event", lambda: str(work_id) in (tmp_path / "said").read_text())
        finally:
            listener.kill()
            listener.wait()
    assert "callout.work.assigned.v1" not in (tmp_path / "said").read_text()
