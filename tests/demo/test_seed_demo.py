"""manage.py seed_demo: a month of history through commands, and the demo accounts."""

import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.http import HttpRequest
from pytest_django import Settings

from accounts.demo import demo_accounts
from accounts.features import READY_MADE
from accounts.models import User
from eventstore.dispatch import dispatch
from eventstore.models import StoredEvent
from eventstore.projections.advance import advance
from eventstore.store import EventStore
from intake.demo import diary
from readmodels.models import OperativeRow, WorkRow
from tests import factories

pytestmark = pytest.mark.django_db

SMALL = ("--jobs", "30", "--sites", "8", "--days", "8", "--now", "2026-03-11T12:00")
ACCOUNTS = {"response", "control", "operative", "administration"}


@pytest.fixture(autouse=True)
def debug(settings: Settings) -> None:
    settings.DEBUG = True


def seed_demo(*options: str) -> str:
    out = io.StringIO()
    call_command("seed_demo", *SMALL, *options, stdout=out)
    return out.getvalue()


def stored() -> list[tuple[object, ...]]:
    columns = ("id", "stream", "version", "type", "data", "actor", "occurred_at")
    return list(StoredEvent.objects.order_by("position").values_list(*columns))


def test_history_is_stored_in_the_order_in_which_it_happened() -> None:
    seed_demo()
    times = list(StoredEvent.objects.order_by("position").values_list("occurred_at", flat=True))
    assert times == sorted(times)
    assert times[-1] <= datetime(2026, 3, 11, 12, tzinfo=UTC)
    assert WorkRow.objects.count() == 30


def test_the_accounts_can_sign_in_and_hold_their_roles() -> None:
    seed_demo()
    for name in ACCOUNTS:
        user = authenticate(HttpRequest(), username=name, password="demo")
        assert isinstance(user, User)
        assert user.features == set(READY_MADE[name.title()])
    assert not User.objects.filter(is_superuser=True).exists()


def test_the_operative_has_a_current_job_and_a_queue() -> None:
    seed_demo()
    operative = User.objects.get(username="operative")
    work = WorkRow.objects.filter(operative_id=operative.operative_id, queue_place__isnull=False)
    stages = list(work.order_by("queue_place").values_list("stage", flat=True))
    assert stages == [WorkRow.Stage.DISPATCHED, WorkRow.Stage.ASSIGNED, WorkRow.Stage.ASSIGNED]
    assert StoredEvent.objects.filter(type="OperativeDispatched", actor=operative.actor).exists()


def test_actors_are_the_people_who_would_have_done_it() -> None:
    seed_demo()
    actors = {user.username: user.actor for user in User.objects.all()}
    by = dict(StoredEvent.objects.values_list("type", "actor"))
    assert by["WorkRaised"] == actors["response"]
    assert by["WorkAssigned"] == actors["control"]
    assert by["SiteAcquired"] == by["OperativeHired"] == actors["administration"]


def test_the_same_seed_and_now_give_the_same_events() -> None:
    demo_accounts()
    first, second, other = (seeded_and_rolled_back("--seed", seed) for seed in "112")
    assert first == second
    assert first != other


def seeded_and_rolled_back(*options: str) -> list[tuple[object, ...]]:
    with transaction.atomic():
        seed_demo(*options)
        result = stored()
        transaction.set_rollback(True)
    return result


def test_seeding_twice_with_the_same_seed_and_now_changes_nothing() -> None:
    seed_demo()
    first = stored()
    seed_demo()
    assert stored() == first


def test_if_empty_adds_nothing_to_a_store_that_holds_events() -> None:
    hired = factories.hire("Olive", "Marsh")
    before = stored()
    seed_demo("--if-empty")
    assert stored() == before
    assert set(User.objects.values_list("username", flat=True)) == ACCOUNTS
    assert User.objects.get(username="operative").operative_id == hired


def test_if_empty_links_the_operative_with_the_longest_queue() -> None:
    factories.hire("Ada", "Aaron")
    busy = factories.hire("Zoe", "Zimmer")
    factories.assign(factories.raise_work(), busy)
    seed_demo("--if-empty")
    assert User.objects.get(username="operative").operative_id == busy


def test_if_empty_leaves_accounts_as_they_are() -> None:
    seed_demo()
    linked = User.objects.get(username="operative").operative_id
    User.objects.filter(username="control").update(first_name="Cora")
    seed_demo("--if-empty")
    assert User.objects.get(username="control").first_name == "Cora"
    assert User.objects.get(username="operative").operative_id == linked


@pytest.mark.django_db(transaction=True)
def test_the_demo_can_be_put_into_kurrentdb(kurrent: EventStore) -> None:
    seed_demo()
    once = kurrent.read_all(0, 5000)
    seed_demo()
    assert kurrent.read_all(0, 5000) == once
    while advance():
        pass
    assert WorkRow.objects.count() == 30


@pytest.mark.parametrize("option", [(), ("--if-empty",)])
def test_without_debug_it_is_refused_and_nothing_is_stored(
    settings: Settings, option: tuple[str, ...]
) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match=r"runs with DEBUG=1 alone\. Nothing was stored\."):
        seed_demo(*option)
    assert not User.objects.exists()
    assert not StoredEvent.objects.exists()


def test_a_seeding_that_was_killed_leaves_an_empty_store(monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter(range(40))

    def die(*arguments: object, **options: object) -> object:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return dispatch(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(diary, "dispatch", die)
    with pytest.raises(KeyboardInterrupt):
        seed_demo()
    assert not StoredEvent.objects.exists()
    assert not OperativeRow.objects.exists()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "options", [("--jobs", "3"), ("--operatives", "2"), ("--sites", "x"), ("--days", "0"), ("--now", "soon")]
)
def test_sizes_that_make_no_sense_are_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="must be a"):
        seed_demo(*options)
