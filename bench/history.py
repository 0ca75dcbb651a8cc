"""A believable history: jobs that overlap, are settled on site or by telephone, are sometimes given back.

The same seed gives the same history. Events go straight into the store's table, in their order.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID

from django.db import connection

from eventstore import codec
from eventstore.models import StoredEvent
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import rebuild
from operatives.events import OperativeHired
from sites.events import SiteAcquired
from support.events import (
    AbandonReason,
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkCompleted,
    WorkEvent,
    WorkRaised,
)

OPEN_AT_ONCE = 300
OPERATIVES, SITES = 40, 400
PACE = timedelta(minutes=1)
"""From one event to the next: some 290 jobs a day."""

TITLES = ("Boiler makes a banging noise", "Lift stuck between floors", "No hot water", "Door will not lock")
DETAILS = (
    "The caretaker heard it first on Monday and it has been getting worse since; he is on site until five.",
    "Nobody is hurt. The key is with the neighbour at number 12, who is in all day but hard of hearing.",
    "It happened before in March, when a part was replaced; please bring the same again to be safe.",
)

ON_SITE = ("assigned", "dispatched", "arrived", "completed")
BY_TELEPHONE = ("assigned", "completed")
GIVEN_BACK = ("assigned", "dispatched", "arrived", "abandoned", *ON_SITE)


class Job:
    """One job and what is still to happen to it."""

    def __init__(self, work_id: UUID, course: Iterable[str]) -> None:
        self.work_id = work_id
        self.course = list(course)
        self.operative_id = work_id


class Story:
    """Tells what happens, event by event, ending about now if `events` are told in all."""

    def __init__(self, *, seed: int, events: int) -> None:
        self._random = Random(seed)
        self._at = datetime.now(UTC) - PACE * events
        self._versions: dict[str, int] = {}
        self._operatives = [self._id() for _ in range(OPERATIVES)]
        self._sites = [self._id() for _ in range(SITES)]

    def beginning(self) -> Iterator[StoredEvent]:
        """Operatives are hired and sites acquired."""
        for index, operative_id in enumerate(self._operatives):
            hired = OperativeHired(operative_id=operative_id, forename="Olive", surname=f"Marsh {index}")
            yield self._stored(f"operative-{operative_id}", hired)
        for index, site_id in enumerate(self._sites):
            acquired = SiteAcquired(
                site_id=site_id,
                address_line_1=f"{index} Quay Street",
                town="Harbourton",
                post_code=f"HB{index % 20} 4QT",
                telephone_number=f"01632 96{index:04}",
            )
            yield self._stored(f"site-{site_id}", acquired)

    def settled(self, jobs: int) -> Iterator[StoredEvent]:
        """So many jobs from call to completion, `OPEN_AT_ONCE` at a time."""
        underway: list[Job] = []
        while jobs or underway:
            if jobs and len(underway) < OPEN_AT_ONCE:
                jobs -= 1
                job, raised = self._raise()
                underway.append(job)
                yield raised
                continue
            index = self._random.randrange(len(underway))
            yield self._advance(underway[index])
            if not underway[index].course:
                underway[index] = underway[-1]
                underway.pop()

    def unsettled(self, jobs: int) -> Iterator[StoredEvent]:
        """So many jobs that are still open at the end, the same ones whatever went before."""
        self._random.seed(jobs)
        for _ in range(jobs):
            job, raised = self._raise()
            yield raised
            for _ in range(self._random.randrange(len(job.course))):
                yield self._advance(job)

    def _raise(self) -> tuple[Job, StoredEvent]:
        course = self._random.choices((ON_SITE, BY_TELEPHONE, GIVEN_BACK), (70, 20, 10))[0]
        job = Job(self._id(), course)
        raised = WorkRaised(
            work_id=job.work_id,
            title=self._random.choice(TITLES),
            description=self._random.choice(DETAILS),
            site_ids=tuple(self._random.sample(self._sites, self._random.choice((1, 1, 1, 2)))),
        )
        return job, self._stored(f"work-{job.work_id}", raised)

    def _advance(self, job: Job) -> StoredEvent:
        happening = job.course.pop(0)
        if happening == "assigned":
            job.operative_id = self._random.choice(self._operatives)
        return self._stored(f"work-{job.work_id}", self._event(happening, job.work_id, job.operative_id))

    def _event(self, happening: str, work_id: UUID, operative_id: UUID) -> WorkEvent:
        match happening:
            case "assigned":
                return WorkAssigned(work_id=work_id, operative_id=operative_id)
            case "dispatched":
                eta = self._at + timedelta(hours=1) if self._random.random() < 0.5 else None
                return OperativeDispatched(work_id=work_id, operative_id=operative_id, estimated_arrival=eta)
            case "arrived":
                return OperativeArrived(work_id=work_id, operative_id=operative_id)
            case "abandoned":
                reason = AbandonReason.PARTS_NEEDED
                return WorkAbandoned(work_id=work_id, operative_id=operative_id, reason=reason, note="")
            case _:
                outcome = "Replaced the valve and bled the system"
                return WorkCompleted(work_id=work_id, operative_id=operative_id, outcome=outcome)

    def _stored(self, stream: str, event: object) -> StoredEvent:
        version = self._versions.get(stream, -1) + 1
        self._versions[stream] = version
        self._at += PACE
        name, schema_version = codec.registered(event)
        command_id = self._id()
        return StoredEvent(
            id=self._id(),
            stream=stream,
            version=version,
            type=name,
            schema_version=schema_version,
            data=codec.encode(event),
            actor="control",
            correlation_id=command_id,
            causation_id=command_id,
            source="web",
            occurred_at=self._at,
            recorded_at=self._at,
        )

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def store(events: Iterator[StoredEvent]) -> int:
    """Put them into the store; how many there were."""
    count = 0
    while batch := list(islice(events, 5000)):
        StoredEvent.objects.bulk_create(batch)
        count += len(batch)
    analyze()
    return count


def of_events(events: int) -> int:
    """A step: exactly so many events."""
    story = Story(seed=events, events=events)
    told = story.beginning(), story.settled(events)
    return store(islice((each for part in told for each in part), events))


def replay() -> None:
    """Fill the read models with all of it."""
    rebuild(registry.values(), progress=lambda *_: None)


def analyze() -> None:
    """Tell PostgreSQL's planner what the tables hold now, as its autovacuum would within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
