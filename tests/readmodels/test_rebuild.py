"""Rebuild and verify: the whole history again, beside the live tables."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.models import Checkpoint
from eventstore.projections import rebuild as rebuilding
from eventstore.projections.advance import Stopped
from eventstore.projections.rebuild import rebuild, stale
from eventstore.projections.shadow import Busy, shadow_of
from readmodels import sites as sites_updater
from readmodels.models import OperativeRow, SiteRow, WorkRow
from readmodels.sites import sites
from sites.events import SiteAcquired
from support.events import AbandonReason
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.readmodels.tables import (
    EVERYTHING,
    a_busy_day,
    contents,
    differences,
    forget_everything,
    quietly,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- Rebuild equals live ---------------------------------------------------------------------------


def test_a_rebuild_gives_the_rows_that_were_live() -> None:
    a_busy_day()
    live = contents()
    assert all(live.values())
    assert rebuild(EVERYTHING, progress=quietly) == current_store().head()
    assert contents() == live


def test_a_rebuild_in_many_batches_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_day()
    live = contents()
    monkeypatch.setattr(rebuilding, "BATCH", 2)
    rebuild(EVERYTHING, progress=quietly)
    assert contents() == live
    assert differences() == []


def test_rebuilding_nothing_gives_nothing() -> None:
    rebuild(EVERYTHING, progress=quietly)
    assert not any(contents().values())
    factories.acquire()
    assert SiteRow.objects.count() == 1


# Somebody does something to the first, second or third of each kind; much of it is refused.
some = st.integers(0, 2)
Step = Callable[["Company"], object]


class Company:
    """Up to three operatives, sites and jobs, to which things happen."""

    def __init__(self) -> None:
        self.operatives: list[UUID] = []
        self.sites: list[UUID] = []
        self.jobs: list[UUID] = []

    def hire(self, name: str) -> None:
        self.operatives.append(factories.hire(name, "Lovelace"))

    def acquire(self, town: str) -> None:
        self.sites.append(factories.acquire(town=town))

    def raise_work(self, places: list[int]) -> None:
        chosen = [pick(self.sites, each) for each in places]
        self.jobs.append(factories.raise_work(site_ids=chosen))

    def undo(self, number: int) -> None:
        if number < len(self.jobs):
            factories.undo(self.jobs[number])


def pick(ids: list[UUID], number: int) -> UUID:
    """One of them, or somebody unknown."""
    return ids[number] if number < len(ids) else UUID(int=number)


name = st.sampled_from(["Ada", " Grace ", "Žofie \U0001f6a8", ""])
steps: st.SearchStrategy[Step] = st.one_of(
    name.map(lambda n: lambda c: c.hire(n)),
    name.map(lambda n: lambda c: c.acquire(n)),
    st.lists(some, min_size=1, max_size=3).map(lambda places: lambda c: c.raise_work(places)),
    st.tuples(some, name).map(lambda p: lambda c: factories.rename(pick(c.operatives, p[0]), p[1], "King")),
    some.map(lambda n: lambda c: factories.release(pick(c.operatives, n))),
    st.tuples(some, name).map(lambda p: lambda c: factories.correct(pick(c.sites, p[0]), town=p[1])),
    some.map(lambda n: lambda c: factories.relinquish(pick(c.sites, n))),
    st.tuples(some, some).map(
        lambda p: lambda c: factories.assign(pick(c.jobs, p[0]), pick(c.operatives, p[1]))
    ),
    some.map(lambda n: lambda c: factories.set_out(pick(c.jobs, n))),
    some.map(lambda n: lambda c: factories.arrive(pick(c.jobs, n))),
    some.map(lambda n: lambda c: factories.complete(pick(c.jobs, n), "Done")),
    some.map(lambda n: lambda c: c.undo(n)),
    st.tuples(some, st.sampled_from(AbandonReason)).map(
        lambda p: lambda c: factories.abandon(pick(c.jobs, p[0]), p[1])
    ),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(happenings=st.lists(steps, max_size=30))
def test_a_rebuild_always_gives_the_rows_that_were_live(
    transactional_db: None, happenings: list[Step]
) -> None:
    forget_everything()
    company = Company()
    for happening in happenings:
        try:
            happening(company)
        except Refused:
            continue
    live = contents()
    assert differences() == []
    rebuild(EVERYTHING, progress=quietly)
    assert contents() == live


# --- What a rebuild mends --------------------------------------------------------------------------


def test_a_rebuild_mends_rows_that_were_tampered_with() -> None:
    a_busy_day()
    live = contents()
    SiteRow.objects.update(town="Tampered")
    WorkRow.objects.filter(number=2).delete()
    OperativeRow.objects.create(
        operative_id=uuid4(), forename="No", surname="One", hired_at=factories.noon(1)
    )
    rebuild(EVERYTHING, progress=quietly)
    assert contents() == live


def test_a_rebuild_of_one_read_model_leaves_the_others_alone() -> None:
    a_busy_day()
    SiteRow.objects.update(town="Tampered")
    OperativeRow.objects.update(surname="Tampered")
    rebuild([sites], progress=quietly)
    assert not SiteRow.objects.filter(town="Tampered").exists()
    assert not OperativeRow.objects.exclude(surname="Tampered").exists()


def test_after_a_rebuild_live_projection_goes_on() -> None:
    a_busy_day()
    rebuild(EVERYTHING, progress=quietly)
    jobs = WorkRow.objects.count()
    work_id = factories.raise_work()
    factories.assign(work_id, factories.hire())
    assert WorkRow.objects.get(work_id=work_id).number == jobs + 1
    assert {each.position for each in Checkpoint.objects.all()} == {current_store().head()}
    assert differences() == []


def test_a_rebuild_can_be_done_again_and_again() -> None:
    a_busy_day()
    live = contents()
    for _ in range(3):
        rebuild(EVERYTHING, progress=quietly)
    assert contents() == live


def test_a_rebuild_brings_a_read_model_to_the_codes_version(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Whitby")
    monkeypatch.setattr(sites, "version", sites.version + 1)
    factories.acquire(town="Staithes")
    assert stale() == [sites]
    call_command("rebuild", "--stale", stdout=StringIO())
    assert stale() == []
    assert set(SiteRow.objects.values_list("town", flat=True)) == {"Whitby", "Staithes"}
    factories.acquire(town="Goathland")
    assert SiteRow.objects.count() == 3


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The sites' updater cannot take in a site in Poison Town."""
    set_particulars = sites_updater.set_particulars

    def fails(row: SiteRow, event: SiteAcquired) -> None:
        if event.town == "Poison Town":
            raise LookupError("no such town")
        set_particulars(row, event)

    monkeypatch.setattr(sites_updater, "set_particulars", fails)
    return monkeypatch


def test_a_rebuild_frees_a_read_model_that_had_stopped(poison: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Poison Town")
    assert Checkpoint.objects.get(name="sites").error
    poison.undo()
    rebuild([sites], progress=quietly)
    freed = Checkpoint.objects.get(name="sites")
    assert (freed.error, freed.failed_position, freed.position) == ("", None, current_store().head())
    assert SiteRow.objects.count() == 1


def test_a_rebuild_that_meets_poison_leaves_the_live_tables_as_they_were(
    poison: pytest.MonkeyPatch,
) -> None:
    factories.acquire(town="Whitby")
    factories.acquire(town="Poison Town")
    SiteRow.objects.update(town="As it was")
    stood = Checkpoint.objects.get(name="sites")
    with pytest.raises(Stopped, match="no such town"):
        rebuild(EVERYTHING, progress=quietly)
    with pytest.raises(CommandError, match=r"no such town.*The live tables are as they were"):
        call_command("rebuild", "sites", stdout=StringIO())
    assert set(SiteRow.objects.values_list("town", flat=True)) == {"As it was"}
    after = Checkpoint.objects.get(name="sites")
    assert (after.position, after.error) == (stood.position, stood.error)


# --- Meanwhile -------------------------------------------------------------------------------------


def test_pages_read_the_live_tables_while_a_rebuild_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_day()
    monkeypatch.setattr(rebuilding, "BATCH", 3)
    live, seen = contents(), []
    with Beside(1) as beside:
        rebuild(EVERYTHING, progress=lambda *_: seen.append(beside.run(contents).result(PATIENCE)))
    assert len(seen) > 3
    assert all(each == live for each in seen)


def test_what_is_appended_while_a_rebuild_runs_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_day()
    monkeypatch.setattr(rebuilding, "BATCH", 10)
    jobs: list[UUID] = []

    def somebody_calls(*_: int) -> None:
        if len(jobs) < 3:
            jobs.append(beside.run(factories.raise_work, "Raised meanwhile").result(PATIENCE))

    with Beside(1) as beside:
        rebuild(EVERYTHING, progress=somebody_calls)
    assert set(WorkRow.objects.filter(title="Raised meanwhile").values_list("work_id", flat=True)) == set(
        jobs
    )
    assert differences() == []


def test_what_is_appended_just_before_the_swap_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the end of the replay, and before the checkpoints are locked."""
    a_busy_day()
    kind = type(shadow_of([]))
    swapping = kind.swapping
    jobs: list[UUID] = []

    def somebody_calls(shadow: Any) -> Any:
        jobs.append(beside.run(factories.raise_work, "Raised meanwhile").result(PATIENCE))
        return swapping(shadow)

    monkeypatch.setattr(kind, "swapping", somebody_calls)
    with Beside(1) as beside:
        rebuild(EVERYTHING, progress=quietly)
    assert WorkRow.objects.get(title="Raised meanwhile").work_id == jobs[0]
    assert differences() == []


def test_a_second_rebuild_at_the_same_time_is_told_that_another_is_at_it() -> None:
    a_busy_day()

    def another() -> str:
        try:
            rebuild([sites], progress=quietly)
        except Busy as busy:
            return str(busy)
        return "went ahead"

    answers: list[str] = []
    with Beside(1) as beside:
        rebuild(EVERYTHING, progress=lambda *_: answers.append(beside.run(another).result(PATIENCE)))
    (answer,) = set(answers)
    assert answer.startswith("Another process is rebuilding")
    rebuild([sites], progress=quietly)


def test_a_rebuild_leaves_tables_with_the_indexes_and_constraints_that_migrations_made() -> None:
    before = definitions()
    assert any("buyer_in_order" in str(each) for each in before)
    if connection.vendor == "postgresql":
        assert any("work_text" in str(each) and "gin_trgm_ops" in str(each) for each in before)
    a_busy_day()
    rebuild(EVERYTHING, progress=quietly)
    assert definitions() == before


@pytest.mark.postgresql
def test_a_rebuild_leaves_no_schema_behind() -> None:
    rebuild(EVERYTHING, progress=quietly)
    assert rows_of("SELECT count(*) FROM pg_namespace WHERE nspname = 'callout_shadow'") == {(0,)}
    assert rows_of("SELECT current_schema()") == {("public",)}


def definitions() -> set[tuple[Any, ...]]:
    """What the database knows of the read tables: columns, indexes and constraints."""
    if connection.vendor == "sqlite":
        return rows_of("SELECT tbl_name, name, sql FROM sqlite_master WHERE tbl_name LIKE 'readmodels%'")
    columns = rows_of(
        "SELECT table_name, column_name, data_type, is_nullable, character_maximum_length"
        " FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name LIKE 'readmodels%'"
    )
    return columns | rows_of(
        "SELECT tablename, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public' AND tablename LIKE 'readmodels%'"
    )


def rows_of(query: str) -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return set(cursor.fetchall())


# --- The command ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["rebuild", "verify", "project"])
def test_a_command_with_an_unknown_read_model_lists_those_there_are(command: str) -> None:
    with pytest.raises(
        CommandError, match="There is no read model nonsense; there are buyers, operatives, orders"
    ):
        call_command(command, "nonsense", stdout=StringIO())


def test_rebuild_wants_a_name_or_all() -> None:
    with pytest.raises(CommandError, match="Name a read model"):
        call_command("rebuild", stdout=StringIO())


def test_the_command_rebuild_rebuilds_all() -> None:
    a_busy_day()
    live = contents()
    SiteRow.objects.update(town="Tampered")
    out = StringIO()
    call_command("rebuild", "--all", stdout=out)
    assert contents() == live
    assert f"up to position {current_store().head()}" in out.getvalue()
