"""A form or a message that comes again under the same id, while the first is still running or after it: over
HTTP, in threads, each request with a connection of its own."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection
from threading import Barrier, Event, Lock
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.dispatch import Outcome, dispatch
from eventstore.embedded.store import EmbeddedStore
from eventstore.reactions.reaction import Cause, Reaction, registry
from eventstore.store import NewEvent, RecordedEvent, Unreachable
from operatives.commands import RenameOperative
from operatives.operative import OPERATIVE
from products.commands import ReserveStock, RestockProduct
from products.events import StockReserved
from products.product import PRODUCT
from readmodels.models import OrderRow, WorkRow
from sites.events import SiteAcquired
from tests import factories
from tests.conftest import browser_of, person
from tests.eventstore.threads import PATIENCE, Beside, until_done_or
from tests.pages.conftest import UseStore
from tests.pages.order_form import NEW as NEW_ORDER
from tests.pages.order_form import filled
from tests.pages.page_requests import events_of, stored

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8
TOKEN = "t" * 32
"""Against forgery; the same in cookie and form."""
SENT_BEFORE = "This form was sent before with other contents. Start from a fresh form to send these"
UNREACHABLE = "The event store cannot be reached; nothing was changed"


@dataclass(frozen=True)
class Answer:
    """What the server said: a status, the redirect, and the page."""

    status: int
    leads_to: str | None
    page: str


Post = Callable[..., Answer]


@pytest.fixture
def post(live_server: LiveServer) -> Post:
    """Sends a form over the wire as a person who has signed in."""

    def post(who: Client, address: str, form: dict[str, Any]) -> Answer:
        cookies = {"sessionid": who.cookies[settings.SESSION_COOKIE_NAME].value, "csrftoken": TOKEN}
        wire = HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=PATIENCE)
        wire.request(
            "POST",
            address,
            urlencode({"csrfmiddlewaretoken": TOKEN, **form}, doseq=True),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            },
        )
        answer = wire.getresponse()
        said = Answer(answer.status, answer.headers["Location"], unescape(answer.read().decode()))
        wire.close()
        return said

    return post


def call(site_id: UUID, **changes: Any) -> dict[str, Any]:
    """A form that raises work, complete unless changed."""
    told = {"title": "Boiler out", "description": "No heating since this morning."}
    return {"command_id": uuid4(), "sites": [site_id], **told, **changes}


class FirstHeld(EmbeddedStore):
    """A store in which the first append is written but not committed until `end`; then comes its `fate`."""

    def __init__(self, fate: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.fate = fate
        self.written, self.end = Event(), Event()
        self.backend = 0
        self.appends = 0
        self._counting = Lock()

    def append(
        self, stream: str, expected_version: int, events: Sequence[NewEvent], *, waits: bool = True
    ) -> int:
        with self._counting:
            self.appends += 1
            is_first = self.appends == 1
        if not is_first:
            return super().append(stream, expected_version, events, waits=waits)
        with transaction.atomic():
            position = super().append(stream, expected_version, events, waits=waits)
            if connection.vendor == "postgresql":
                self.backend = connection.connection.info.backend_pid
            self.written.set()
            assert self.end.wait(PATIENCE)
            self.fate()
        return position

    @property
    def has_a_second_waiting(self) -> bool:
        """Whether another has found nothing in the stream, and is about to append what is in flight."""
        return self.appends > 1


class FirstReads(EmbeddedStore):
    """A store in which the first reader of a stream waits until the time has come."""

    def __init__(self, stream: str) -> None:
        super().__init__()
        self.stream = stream
        self.came, self.time = Event(), Event()

    def read_stream(self, stream: str, *part: Any, **how: Any) -> list[RecordedEvent]:
        if stream == self.stream and not self.came.is_set():
            self.came.set()
            assert self.time.wait(PATIENCE)
        return super().read_stream(stream, *part, **how)


@contextmanager
def both_at_once(store: FirstHeld, first: Callable[[], Any], second: Callable[[], Any]) -> Iterator[Any]:
    """The first is in flight, and the second waits behind it; the first ends with the block."""
    with Beside(2) as beside:
        one = beside.run(first)
        until_done_or(store.written.is_set, one)
        assert not one.done(), one.result(PATIENCE)
        two = beside.run(second)
        try:
            until_done_or(lambda: store.has_a_second_waiting, two)
            assert not two.done(), two.result(PATIENCE)
            yield one, two
        finally:
            store.end.set()


# --- A form, sent again ----------------------------------------------------------------------------


def test_a_form_sent_many_times_at_once_raises_one_job(post: Post, response_client: Client) -> None:
    form, start = call(factories.acquire()), Barrier(MANY, timeout=PATIENCE)

    def send() -> Answer:
        start.wait()
        return post(response_client, "/response/", form)

    with Beside(MANY) as beside:
        answers = [each.result(PATIENCE) for each in [beside.run(send) for _ in range(MANY)]]
    assert answers == [Answer(302, f"/response/?raised={form['command_id']}", "")] * MANY
    assert stored() == ["SiteAcquired", "WorkRaised"]
    assert WorkRow.objects.count() == 1


def test_a_form_sent_again_while_the_first_is_running_answers_what_becomes_of_it(
    post: Post, response_client: Client, use_store: UseStore
) -> None:
    form = call(factories.acquire())
    use_store(store := FirstHeld())

    def send() -> Answer:
        return post(response_client, "/response/", form)

    with both_at_once(store, send, send) as (first, second):
        pass
    assert first.result() == second.result() == Answer(302, f"/response/?raised={form['command_id']}", "")
    assert stored() == ["SiteAcquired", "WorkRaised"]
    assert WorkRow.objects.count() == 1


def test_when_the_first_fails_the_second_that_waits_is_judged_again(
    post: Post, response_client: Client, use_store: UseStore
) -> None:
    def go_away() -> None:
        raise Unreachable("no answer")

    form = call(factories.acquire())
    use_store(store := FirstHeld(go_away))

    def send() -> Answer:
        return post(response_client, "/response/", form)

    with both_at_once(store, send, send) as (first, second):
        pass
    assert (first.result().status, UNREACHABLE in first.result().page) == (503, True)
    assert second.result() == Answer(302, f"/response/?raised={form['command_id']}", "")
    assert stored() == ["SiteAcquired", "WorkRaised"]


@pytest.mark.postgresql
def test_when_the_first_loses_its_connection_the_second_that_waits_is_judged_again(
    post: Post, response_client: Client, use_store: UseStore
) -> None:
    form = call(factories.acquire())
    use_store(store := FirstHeld())

    def send() -> Answer:
        return post(response_client, "/response/", form)

    with both_at_once(store, send, send) as (first, second), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [store.backend])
    assert (first.result().status, "cannot be reached" in first.result().page) == (503, True)
    assert second.result() == Answer(302, f"/response/?raised={form['command_id']}", "")
    assert stored() == ["SiteAcquired", "WorkRaised"]


def test_when_the_first_is_refused_the_second_that_waits_is_judged_by_what_is_then(
    post: Post, control_client: Client, use_store: UseStore
) -> None:
    """Grace is given Ada's job, too early; a second press is decided after Ada has given it back."""
    work_id, ada, grace = factories.raise_work(), factories.hire("Ada"), factories.hire("Grace")
    factories.assign(work_id, ada)
    form = {"command_id": uuid4(), "operative_id": grace}
    use_store(store := FirstReads(f"work-{work_id}"))

    def send() -> Answer:
        return post(control_client, f"/work/{work_id}/assign/", form)

    with Beside(1) as beside:
        second = beside.run(send)
        try:
            until_done_or(store.came.is_set, second)
            refused = send()
            assert events_of(work_id) == ["WorkRaised", "WorkAssigned"]
            factories.abandon(work_id)
        finally:
            store.time.set()
        assert second.result(PATIENCE) == Answer(302, "/control/", "")
    assert refused == Answer(302, f"/control/?work={work_id}&operative={grace}", "")
    assert events_of(work_id) == ["WorkRaised", "WorkAssigned", "WorkAbandoned", "WorkAssigned"]
    assert WorkRow.objects.get().operative_id == grace


def test_a_form_sent_many_times_at_once_places_one_order(post: Post, control_client: Client) -> None:
    form, start = filled(factories.create_product(), command_id=uuid4()), Barrier(MANY, timeout=PATIENCE)

    def send() -> Answer:
        start.wait()
        return post(control_client, NEW_ORDER, form)

    with Beside(MANY) as beside:
        answers = [each.result(PATIENCE) for each in [beside.run(send) for _ in range(MANY)]]
    assert answers == [Answer(302, f"/orders/{form['command_id']}/", "")] * MANY
    assert stored() == ["ProductCreated", "OrderStarted"]
    assert OrderRow.objects.count() == 1


def test_an_order_s_form_sent_again_while_the_first_is_running_answers_what_becomes_of_it(
    post: Post, control_client: Client, use_store: UseStore
) -> None:
    form = filled(factories.create_product(), command_id=uuid4())
    use_store(store := FirstHeld())

    def send() -> Answer:
        return post(control_client, NEW_ORDER, form)

    with both_at_once(store, send, send) as (first, second):
        pass
    assert first.result() == second.result() == Answer(302, f"/orders/{form['command_id']}/", "")
    assert stored() == ["ProductCreated", "OrderStarted"]


def test_of_two_orders_under_one_id_at_once_one_is_placed_and_the_other_told(
    post: Post, control_client: Client, use_store: UseStore
) -> None:
    form = filled(factories.create_product(), command_id=uuid4())
    use_store(store := FirstHeld())

    def send(**other: str) -> Answer:
        return post(control_client, NEW_ORDER, form | other)

    with both_at_once(store, send, lambda: send(buyer_name="Ada Lovelace")) as (first, second):
        pass
    assert first.result().status == 302
    assert (second.result().status, SENT_BEFORE in second.result().page) == (422, True)
    assert OrderRow.objects.get().buyer_name == "Grace Hopper"


# --- One id, other contents ------------------------------------------------------------------------


def test_of_two_people_with_one_id_the_loser_is_told_and_loses_nothing(
    post: Post, response: User, use_store: UseStore
) -> None:
    site_id, quick, slow = (
        factories.acquire(),
        browser_of(response),
        browser_of(person("colleague", "Response")),
    )
    form = call(site_id)
    other = {**form, "title": "Lift stuck", "description": "Somebody is in it."}
    use_store(store := FirstHeld())
    with both_at_once(
        store, lambda: post(quick, "/response/", form), lambda: post(slow, "/response/", other)
    ) as (first, second):
        pass
    assert first.result().status == 302
    told = second.result()
    assert (told.status, "Somebody else has sent this form before" in told.page) == (422, True)
    assert list(WorkRow.objects.values_list("title", flat=True)) == ["Boiler out"]

    assert 'value="Lift stuck"' in told.page
    assert "Somebody is in it." in told.page
    (fresh,) = set(re.findall(r'name="command_id" value="([^"]+)"', told.page)) - {str(form["command_id"])}
    again = post(slow, "/response/", {**other, "command_id": fresh})
    assert again == Answer(302, f"/response/?raised={fresh}", "")
    assert set(WorkRow.objects.values_list("title", flat=True)) == {"Boiler out", "Lift stuck"}


def test_somebody_who_expected_a_version_is_told_too(use_store: UseStore) -> None:
    """The version differs only because of this very id, so the answer is not that the version is wrong."""
    operative_id, command_id = factories.hire("Ada", "Lovelace"), uuid4()
    use_store(store := FirstHeld())

    def rename(surname: str) -> Any:
        command = RenameOperative(operative_id=operative_id, forename="Ada", surname=surname)
        try:
            return dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id, expected_version=0)
        except Refused as refusal:
            return str(refusal)

    with both_at_once(store, lambda: rename("King"), lambda: rename("Byron")) as (first, second):
        pass
    assert first.result().version == 1
    assert second.result() == SENT_BEFORE
    assert stored() == ["OperativeHired", "OperativeRenamed"]


# --- What changed nothing --------------------------------------------------------------------------


def test_a_form_that_changes_nothing_is_answered_the_same_every_time(
    post: Post, administration_client: Client
) -> None:
    operative_id = factories.hire("Ada", "Lovelace")
    here = f"/administration/operatives/{operative_id}/"
    form = {"command_id": uuid4(), "forename": "Ada", "surname": "Lovelace"}
    start = Barrier(MANY, timeout=PATIENCE)

    def send() -> Answer:
        start.wait()
        return post(administration_client, here, form)

    with Beside(MANY) as beside:
        answers = [each.result(PATIENCE) for each in [beside.run(send) for _ in range(MANY)]]
    assert {each.status for each in answers} == {302}
    assert post(administration_client, here, form) == answers[0]
    assert len(set(answers)) == 1
    assert stored() == ["OperativeHired"]


def test_a_form_that_changed_nothing_leaves_no_receipt(post: Post, administration_client: Client) -> None:
    """If it is sent again after somebody else's change, it is decided by the state of then
    (docs/adr/0007)."""
    operative_id = factories.hire("Ada", "Lovelace")
    here = f"/administration/operatives/{operative_id}/"
    form = {"command_id": uuid4(), "forename": "Ada", "surname": "Lovelace"}
    post(administration_client, here, form)
    factories.rename(operative_id, "Ada", "King")
    for _ in range(3):
        assert post(administration_client, here, form).status == 302
    assert stored() == ["OperativeHired", "OperativeRenamed", "OperativeRenamed"]


def test_stock_that_is_reserved_already_is_not_reserved_again() -> None:
    """Not under another id, and not when that comes again, many at once: all hear the first outcome."""
    product_id = factories.create_product(stock=9)
    order_id, command_id = factories.reserve(product_id, 2), uuid4()
    command = ReserveStock(product_id=product_id, order_id=order_id, quantity=2)
    start = Barrier(MANY, timeout=PATIENCE)

    def send() -> Outcome:
        start.wait()
        return dispatch(command, to=PRODUCT, by="user-7", command_id=command_id)

    with Beside(MANY) as beside:
        outcomes = [each.result(PATIENCE) for each in [beside.run(send) for _ in range(MANY)]]
    reserved = StockReserved(product_id=product_id, order_id=order_id, quantity=2)
    assert [each.events for each in outcomes] == [(reserved,)] * MANY
    assert len({each.position for each in outcomes}) == 1
    assert stored() == ["ProductCreated", "StockReserved"]


# --- A message, delivered again --------------------------------------------------------------------


@dataclass(frozen=True)
class Delivery:
    """A message, and the reaction that adds one to the stock for each message that it takes: only the
    command's id keeps it from doing so twice."""

    reaction: Reaction
    message: RecordedEvent

    def take(self) -> None:
        self.reaction.handle(self.message)


@pytest.fixture
def delivery() -> Iterator[Delivery]:
    product_id = factories.create_product()
    reaction = Reaction("one more for each site")

    @reaction.on(SiteAcquired)
    def restock(_event: SiteAcquired, cause: Cause) -> None:
        cause.dispatch(RestockProduct(product_id=product_id, quantity=1), to=PRODUCT)

    (message,) = current_store().read_stream(f"site-{factories.acquire()}")
    yield Delivery(reaction, message)
    del registry[reaction.name]


def test_a_message_that_many_workers_take_at_once_has_its_effect_once(delivery: Delivery) -> None:
    start = Barrier(MANY, timeout=PATIENCE)

    def take() -> None:
        start.wait()
        delivery.take()

    with Beside(MANY) as beside:
        for each in [beside.run(take) for _ in range(MANY)]:
            each.result(PATIENCE)
    delivery.take()
    assert stored() == ["ProductCreated", "SiteAcquired", "ProductRestocked"]


def test_when_the_first_worker_fails_the_second_that_waits_has_the_effect(
    delivery: Delivery, use_store: UseStore
) -> None:
    def die() -> None:
        raise Unreachable("no answer")

    use_store(store := FirstHeld(die))
    with both_at_once(store, delivery.take, delivery.take) as (first, second):
        pass
    with pytest.raises(Unreachable):
        first.result(PATIENCE)
    assert second.result(PATIENCE) is None
    assert stored() == ["ProductCreated", "SiteAcquired", "ProductRestocked"]
