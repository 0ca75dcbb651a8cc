"""Figure 2, a whole command: load, decide, append, project, commit; against load, change, save."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from bench import baseline
from bench.history import DETAILS, TITLES, analyze, of_events, replay
from bench.rounds import Work, in_turns
from eventstore.current import current_store
from eventstore.dispatch import dispatch
from eventstore.models import Checkpoint
from eventstore.projections.read_model import registry
from operatives.commands import OperativeFact, OperativeStatus
from sites.commands import SiteFact, SiteStatus
from support.commands import (
    ArriveOnSite,
    AssignWork,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    WorkCommand,
)
from support.work import WORK

PER_JOB = 5
PER_TURN = 5  # jobs
OUTCOME = "Replaced the valve and bled the system"
OPERATIVE = OperativeFact(operative_id=uuid4(), name="Olive Marsh", status=OperativeStatus.EMPLOYED)
PLACES = tuple(SiteFact(site_id=uuid4(), name=f"{n} Quay Street", status=SiteStatus.ACTIVE) for n in (1, 2))


def do(command: WorkCommand) -> None:
    dispatch(command, to=WORK, by="control")


def raise_ours() -> UUID:
    work_id = uuid4()
    do(RaiseWork(work_id=work_id, title=TITLES[0], description=DETAILS[0], sites=PLACES))
    return work_id


def our_job() -> None:
    """From call to completion."""
    work_id, now = raise_ours(), datetime.now(UTC)
    do(AssignWork(work_id=work_id, operative=OPERATIVE))
    do(DispatchOperative(work_id=work_id, now=now, estimated_arrival=now + timedelta(hours=1)))
    do(ArriveOnSite(work_id=work_id))
    do(CompleteWork(work_id=work_id, outcome=OUTCOME))


class Rival:
    """The same by the package."""

    def __init__(self) -> None:
        self._jobs = baseline.jobs()
        self._operative = str(OPERATIVE.operative_id)

    def raise_one(self) -> UUID:
        job = baseline.Job(TITLES[0], DETAILS[0], [str(place.site_id) for place in PLACES])
        self._jobs.save(job)
        job_id: UUID = job.id
        return job_id

    def change(self, job_id: UUID, command: str, *arguments: str) -> None:
        job: baseline.Job = self._jobs.repository.get(job_id)
        getattr(job, command)(self._operative, *arguments)
        self._jobs.save(job)

    def job(self) -> None:
        """From call to completion."""
        job_id = self.raise_one()
        self.change(job_id, "assign")
        self.change(job_id, "dispatch", (datetime.now(UTC) + timedelta(hours=1)).isoformat())
        self.change(job_id, "arrive")
        self.change(job_id, "complete", OUTCOME)

    def durability(self) -> tuple[Any, ...]:
        """The journal mode and PRAGMA synchronous of its SQLite connection."""
        recorder: Any = self._jobs.recorder  # the types know no recorder with a database
        with recorder.datastore.transaction(commit=False) as cursor:
            return _durability(cursor)


def _durability(cursor: Any) -> tuple[Any, ...]:
    found = []
    for name in ("journal_mode", "synchronous"):
        cursor.execute(f"PRAGMA {name}")
        found.append(cursor.fetchone()[0])
    return tuple(found)


def prepare() -> Rival:
    """Both with some work behind them, and equally durable."""
    of_events(2000)
    replay()
    contender = Rival()
    in_turns(our_job, contender.job, rounds=1, times=200)
    analyze()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            durable = _durability(cursor)
        if durable != contender.durability():
            raise RuntimeError(f"Not equally durable: {durable}, {contender.durability()}")
    return contender


def measure(rounds: int, turns: int) -> dict[str, dict[str, float]]:
    """A step: seconds for a command, over whole jobs and for an assignment alone."""
    contender = prepare()
    taken = in_turns(our_job, contender.job, rounds=rounds, turns=turns, times=PER_TURN)
    whole = taken | {name: taken[name] / PER_JOB for name in ("ours", "rival")}
    single = assignments(contender, rounds, turns)
    must_be_projected()
    return {"job": whole, "assign": single}


def must_be_projected() -> None:
    """Commands that left the read models behind would be quick for the wrong reason."""
    position = current_store().head()
    positions = dict(Checkpoint.objects.values_list("name", "position"))
    if positions != dict.fromkeys(registry, position):
        raise RuntimeError(f"The store is at {position}, read models at {positions}")


def assignments(contender: Rival, rounds: int, turns: int) -> dict[str, float]:
    """One assignment of a job just raised; raising is not timed."""
    times = PER_TURN * PER_JOB
    calls = (rounds + 1) * turns * times
    mine = iter([raise_ours() for _ in range(calls)])
    theirs = iter([contender.raise_one() for _ in range(calls)])
    analyze()
    ours: Work = lambda: do(AssignWork(work_id=next(mine), operative=OPERATIVE))  # noqa: E731
    rivals: Work = lambda: contender.change(next(theirs), "assign")  # noqa: E731
    return in_turns(ours, rivals, rounds=rounds, turns=turns, times=times)
