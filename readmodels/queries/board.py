"""Control's board: the tray of what waits, and the crew's queues. Seven queries, whatever the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, Subquery, Value, When

from eventstore.models import Checkpoint
from readmodels.models import WorkRow
from readmodels.paging import Page
from readmodels.queries.crew import Crew, Member, Wanted, crew, page_of_crew
from readmodels.queries.jobs import Job, waiting, with_people

TRAY = 40
"""So many of what waits are shown, the oldest."""
LANES = 24
"""So many operatives are shown on one page."""


@dataclass(frozen=True)
class Lane:
    """A member of the crew with their queue as jobs."""

    member: Member
    queue: Sequence[Job]


@dataclass(frozen=True)
class Board:
    """`chosen` is what the next press assigns: what was chosen in the tray if it still waits, else the
    oldest; None when nothing waits. `position` is the store's up to which all this is true."""

    position: int
    tray: Sequence[Job]
    waiting: int
    chosen: Job | None
    crew: Crew
    lanes: Page[Lane]

    @property
    def unseen(self) -> int:
        """How much waits beyond what the tray shows."""
        return self.waiting - len(self.tray)


def read_board(*, today: datetime, now: datetime, wanted: Wanted, choice: UUID | None, after: str) -> Board:
    """The board as of now; `after` is the operative after whom the page of lanes begins."""
    position, in_all = _extent()
    tray = _tray(choice)
    people = crew(today, [row.abandoned_by for row in tray if row.abandoned_by])
    page = page_of_crew(people.members, wanted, now=now, after=after, size=LANES)
    queues = [row for member in page.rows for row in member.queue]
    jobs = {job.work.pk: job for job in with_people([*tray, *queues], people.known)}
    waits = [jobs[row.pk] for row in tray]
    lanes = [Lane(member, [jobs[row.pk] for row in member.queue]) for member in page.rows]
    return Board(
        position=position,
        tray=waits[:TRAY],
        waiting=max(in_all, len(waits)),
        chosen=next((job for job in waits if job.work.pk == choice), waits[0] if waits else None),
        crew=people,
        lanes=Page(lanes, page.after),
    )


def _extent() -> tuple[int, int]:
    """How far the read model has come, and how much waits; read first, so that what happens meanwhile is
    announced rather than missed."""
    waits = waiting().order_by().values(none=Value(0)).annotate(jobs=Count("pk")).values("jobs")
    checkpoint = Checkpoint.objects.filter(name="work").annotate(waits=Subquery(waits))
    position, in_all = checkpoint.values_list("position", "waits").first() or (0, 0)
    return position, in_all or 0


def _tray(choice: UUID | None) -> list[WorkRow]:
    """The oldest of what waits, and the chosen one wherever it stands, oldest first."""
    rows = waiting()
    if choice is not None:
        chosen_first = Case(When(pk=choice, then=Value(0)), default=Value(1))
        rows = rows.order_by(chosen_first, "waiting_since", "number")
    return sorted(rows[: TRAY + 1], key=lambda row: (row.raised_at, row.number))
