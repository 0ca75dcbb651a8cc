"""Control's board: the tray of what waits, and the crew's queues. Seven queries, however long the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from readmodels.models import WorkRow
from readmodels.page import Page
from readmodels.queries.crew import Crew, Member, Wanted, crew
from readmodels.queries.crew_page import page_of_crew
from readmodels.queries.jobs import Job, is_late, with_people
from readmodels.queries.tray import TRAY, WHOLE, Extent, TrayWanted, extent, read_tray

FULL, COMPACT, NO_LANES = "full", "compact", "none"
"""How lanes are shown: with the head of each queue, with one line for the running job, or not at all."""
LANES = {FULL: 24, COMPACT: 72, NO_LANES: 0}
"""The most operatives on one page."""
IN_SIGHT = {FULL: 3, COMPACT: 1, NO_LANES: 0}
"""The most jobs of a queue that are in sight, besides the late ones."""


@dataclass(frozen=True)
class Lane:
    """A member of the crew with the head of their queue as jobs, each with its turn: some are in sight,
    always with the running one and the late ones; some are folded."""

    member: Member
    shown: Sequence[tuple[int, Job]]
    folded: Sequence[tuple[int, Job]]

    @property
    def queue(self) -> list[Job]:
        """All jobs of the lane that were read."""
        return [job for _, job in sorted([*self.shown, *self.folded], key=lambda each: each[0])]

    @property
    def hidden(self) -> int:
        """How many of their open jobs are not in sight."""
        return self.member.open - len(self.shown)

    @property
    def unread(self) -> int:
        """How many are not on the page at all."""
        return self.hidden - len(self.folded)


@dataclass(frozen=True)
class Board:
    """`chosen` is what the next press assigns: the job that was chosen in the tray if it still waits,
    otherwise the first in the list; None when there is none. `pinned` was announced as new. `found` counts
    the jobs that the filters of the tray leave."""

    extent: Extent
    pinned: Sequence[Job]
    tray: Page[Job]
    found: int
    chosen: Job | None
    crew: Crew
    lanes: Page[Lane]
    density: str

    @property
    def position(self) -> int:
        """The position in the store up to which all this is true."""
        return self.extent.position


@dataclass(frozen=True, kw_only=True)
class BoardWanted:
    """What to show. `lanes` is one of LANES, or empty to choose by the number of operatives; `after` is
    the operative after whom the page of lanes begins."""

    tray: TrayWanted
    crew: Wanted
    choice: UUID | None
    lanes: str
    after: str


def read_board(wanted: BoardWanted, *, today: datetime, now: datetime) -> Board:
    """The board as of now."""
    seen = extent()
    tray_size = WHOLE if wanted.lanes == NO_LANES else TRAY
    tray = read_tray(wanted.tray, choice=wanted.choice, now=now, size=tray_size)
    people = crew(today, [*seen.given_back_by, *(row.abandoned_by for row in tray.rows if row.abandoned_by)])
    density = wanted.lanes or (COMPACT if len(people.members) > LANES[FULL] else FULL)
    page = page_of_crew(people.members, wanted.crew, now=now, after=wanted.after, size=LANES[density])
    queues = [split(member.queue, density, now) for member in page.rows]
    rows = [row for shown, folded in queues for _, row in (*shown, *folded)]
    jobs = {job.work.pk: job for job in with_people([*tray.rows, *rows], people.known)}

    def told(turns: list[tuple[int, WorkRow]]) -> list[tuple[int, Job]]:
        return [(turn, jobs[row.pk]) for turn, row in turns]

    lanes = [
        Lane(member, told(shown), told(folded))
        for member, (shown, folded) in zip(page.rows, queues, strict=True)
    ]
    first = tray.chosen or next(iter([*tray.page.rows, *tray.pinned]), None)
    return Board(
        extent=seen,
        pinned=[jobs[row.pk] for row in tray.pinned],
        tray=Page([jobs[row.pk] for row in tray.page.rows], tray.page.after),
        found=tray.found if wanted.tray.is_narrowed else seen.waiting,
        chosen=jobs[first.pk] if first else None,
        crew=people,
        lanes=Page(lanes, page.after),
        density=density,
    )


def split(
    queue: Sequence[WorkRow], density: str, now: datetime
) -> tuple[list[tuple[int, WorkRow]], list[tuple[int, WorkRow]]]:
    """The jobs that are in sight and those that are folded, each with its turn in the queue."""
    turns = list(enumerate(queue, start=1))
    shown = [(turn, row) for turn, row in turns if turn <= IN_SIGHT[density] or is_late(row, now)]
    folded = [each for each in turns if each not in shown] if density == FULL else []
    return shown, folded
