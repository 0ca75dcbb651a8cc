"""The crew: what each operative does now, has done today, and has still to do."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from readmodels.models import OperativeRow, WorkRow
from readmodels.paging import Page
from readmodels.queries.jobs import is_late, queued
from readmodels.search_text import search_text

OVERLOADED = 6
"""From so many open jobs on, Control is warned before giving an operative another."""


class State(StrEnum):
    """What an operative does now. The values are those of the stages of work, so that they look alike."""

    FREE = "free"
    ASSIGNED = "assigned"
    ON_THE_WAY = "dispatched"
    ON_SITE = "arrived"

    @property
    def label(self) -> str:
        """How people say it."""
        return {"free": "Free", "assigned": "Assigned", "dispatched": "On the way", "arrived": "On site"}[
            self
        ]


@dataclass(frozen=True)
class Member:
    """An operative. `queue` is their open work in the order of assignment; `done` counts what they
    completed today."""

    operative: OperativeRow
    queue: Sequence[WorkRow]
    done: int

    @property
    def state(self) -> State:
        """The furthest that any of their open work has come."""
        stages = {row.stage for row in self.queue}
        for state in (State.ON_SITE, State.ON_THE_WAY, State.ASSIGNED):
            if state.value in stages:
                return state
        return State.FREE

    @property
    def today(self) -> int:
        """What they completed today and what is still open."""
        return self.done + len(self.queue)

    @property
    def is_overloaded(self) -> bool:
        return len(self.queue) >= OVERLOADED

    def is_late(self, now: datetime) -> bool:
        """Whether they are expected somewhere and have not arrived."""
        return any(is_late(row, now) for row in self.queue)


@dataclass(frozen=True)
class Crew:
    """Everybody employed, whoever else holds open work, and the others who were asked for, by name."""

    everybody: Sequence[Member]

    @property
    def known(self) -> dict[UUID, OperativeRow]:
        return {each.operative.pk: each.operative for each in self.everybody}

    @property
    def members(self) -> list[Member]:
        """Everybody employed, and the released who still hold open work: it must stay in sight."""
        return [each for each in self.everybody if each.queue or each.operative.released_at is None]

    @property
    def employed(self) -> list[Member]:
        return [each for each in self.everybody if each.operative.released_at is None]

    @property
    def released(self) -> list[Member]:
        return [each for each in self.everybody if each.operative.released_at is not None]


def crew(today: datetime, also: Collection[UUID] = (), *, gone: bool = False) -> Crew:
    """The crew, with work completed since `today`; also everybody who was released when `gone`. Three
    queries, whatever the history."""
    queues: dict[UUID | None, list[WorkRow]] = {}
    for row in queued():
        queues.setdefault(row.operative_id, []).append(row)
    # Counted here: grouping in SQL tempts SQLite to walk the index by operative, and so the whole history.
    completed = WorkRow.objects.filter(completed_at__gte=today).order_by("completed_at")
    done = Counter(completed.values_list("operative_id", flat=True))
    people = OperativeRow.objects.order_by("surname", "forename", "operative_id")
    if not gone:
        wanted = {*also, *(pk for pk in queues if pk)}
        people = people.filter(Q(released_at__isnull=True) | Q(pk__in=wanted))
    return Crew([Member(each, queues.get(each.pk, []), done[each.pk]) for each in people])


LATE = "late"
STATES = {"": "All", **{state.value: state.label for state in State}, LATE: "Late"}
"""What one may ask for, and how people say it."""


@dataclass(frozen=True)
class Wanted:
    """Which of the crew to show: whose name holds every word, and in which state (or late)."""

    text: str
    state: str

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wanted":
        """What an address asks for by `q` and `state`; an unknown state asks for everybody."""
        state = asked.get("state", "")
        return cls(asked.get("q", "").replace("\0", "")[:100], state if state in STATES else "")

    def fits(self, member: Member, now: datetime) -> bool:
        """Whether to show this one."""
        name = search_text(str(member.operative))
        if not all(word in name for word in search_text(self.text).split()):
            return False
        return member.is_late(now) if self.state == LATE else self.state in ("", member.state)


@dataclass(frozen=True)
class Count:
    """How many of the crew are in a state; `state` is empty for all."""

    state: str
    label: str
    members: int


def counts(members: Sequence[Member], now: datetime) -> list[Count]:
    """How many are in each state, late among them, and in all."""
    found = Counter(member.state.value for member in members)
    found[LATE] = sum(member.is_late(now) for member in members)
    found[""] = len(members)
    return [Count(state, label, found[state]) for state, label in STATES.items()]


def page_of_crew(
    members: Sequence[Member], wanted: Wanted, *, now: datetime, after: str, size: int
) -> Page[Member]:
    """Those wanted, from the one after the operative `after` on."""
    keys = [str(member.operative.pk) for member in members]
    begin = keys.index(after) + 1 if after in keys else 0
    rows = [member for member in members[begin:] if wanted.fits(member, now)]
    return Page.of(rows, size, lambda member: str(member.operative.pk))
