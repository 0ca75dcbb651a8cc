"""The crew: what each operative does now, has done today, and still has to do."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from readmodels.models import OperativeRow, WorkRow
from readmodels.queries.jobs import is_late
from readmodels.queries.lane import Head, heads
from readmodels.queries.names import Names

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
        """The text for people."""
        return {"free": "Free", "assigned": "Assigned", "dispatched": "On the way", "arrived": "On site"}[
            self
        ]


@dataclass(frozen=True)
class Member:
    """An operative. `queue` is the first of their open work, with the running job first (`lane`); `open`
    counts all of it; `done` is what they completed today. `name` is the whole name, `called` the shortest
    that is distinct."""

    operative: OperativeRow
    queue: Sequence[WorkRow]
    open: int
    done: int
    name: str
    called: str

    @classmethod
    def of(
        cls, operative: OperativeRow, head: Head | None, done: int, names: Names | None = None
    ) -> "Member":
        """The member with the head of their open work, if there is any. Among `names` their name is
        distinct."""
        names = names or Names.of([operative])
        rows, count = (head.rows, head.open) if head else ([], 0)
        return cls(operative, rows, count, done, names.whole(operative), names.short(operative))

    @property
    def state(self) -> State:
        """The furthest stage of their open work."""
        return State(self.queue[0].stage) if self.queue else State.FREE

    @property
    def today(self) -> int:
        """The number of jobs that they completed today, plus those still open."""
        return self.done + self.open

    @property
    def is_overloaded(self) -> bool:
        return self.open >= OVERLOADED

    def is_late(self, now: datetime) -> bool:
        """Whether they are expected somewhere and have not arrived."""
        return any(is_late(row, now) for row in self.queue)


@dataclass(frozen=True)
class Crew:
    """Everybody employed, everybody else who holds open work, and the others who were asked for, by name."""

    everybody: Sequence[Member]

    @property
    def known(self) -> dict[UUID, OperativeRow]:
        return {each.operative.pk: each.operative for each in self.everybody}

    def name_of(self, operative_id: UUID) -> str:
        """Their whole name; empty when nobody here has this id."""
        return next((each.name for each in self.everybody if each.operative.pk == operative_id), "")

    @property
    def members(self) -> list[Member]:
        """Everybody employed, and released operatives who still hold open work, because it must stay in
        sight."""
        return [each for each in self.everybody if each.queue or each.operative.released_at is None]

    @property
    def employed(self) -> list[Member]:
        return [each for each in self.everybody if each.operative.released_at is None]

    @property
    def released(self) -> list[Member]:
        return [each for each in self.everybody if each.operative.released_at is not None]


def crew(today: datetime, also: Collection[UUID] = (), *, gone: bool = False) -> Crew:
    """The crew, with work completed since `today`; with `gone` also everybody who was released. Three
    queries, however long the history."""
    found = heads()
    # Counted here: with grouping in SQL, SQLite may walk the index by operative, and so the whole history.
    completed = WorkRow.objects.filter(completed_at__gte=today).order_by("completed_at")
    done = Counter(completed.values_list("operative_id", flat=True))
    people = OperativeRow.objects.order_by("sort_key", "operative_id")
    if not gone:
        wanted = {*also, *found}
        people = people.filter(Q(released_at__isnull=True) | Q(pk__in=wanted))
    rows = list(people)
    names = Names.of(rows)
    return Crew([Member.of(each, found.get(each.pk), done[each.pk], names) for each in rows])


LATE = "late"
STATES = {"": "All", **{state.value: state.label for state in State}, LATE: "Late"}
"""The states to choose from, with their text for people."""


ORDERS = {"": "By name", "free": "Free first", LATE: "Late first"}
"""The ways to sort the crew, with their text for people."""


@dataclass(frozen=True)
class Wanted:
    """Which of the crew to show: those whose name contains every word, and in which state (or late); and
    in which order (one of ORDERS). The `held` count as free: they were free when they were given work on
    this very page, and stay where they stood."""

    text: str
    state: str
    order: str = ""
    held: frozenset[str] = frozenset()

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wanted":
        """What an address asks for by `q`, `state`, `sort` and `held`; an unknown state is ignored."""
        state, order = asked.get("state", ""), asked.get("sort", "")
        return cls(
            asked.get("q", "").replace("\0", "")[:100],
            state if state in STATES else "",
            order if order in ORDERS else "",
            frozenset(asked.get("held", "").split(".")),
        )

    def fits(self, member: Member, now: datetime) -> bool:
        """Whether to show this one, whose name fits."""
        if self.state == State.FREE:
            return self.is_free(member)
        return member.is_late(now) if self.state == LATE else self.state in ("", member.state)

    def is_free(self, member: Member) -> bool:
        """Whether they are, or were when they were given work here."""
        return member.state is State.FREE or member.operative.pk.hex in self.held

    def rank(self, member: Member, now: datetime) -> int:
        """Sorts before others in the chosen order; by name within the same rank."""
        if self.order == "free":
            return int(not self.is_free(member))
        return int(self.order == LATE and not member.is_late(now))


@dataclass(frozen=True)
class Count:
    """How many of the crew are in a state; `state` is empty for all."""

    state: str
    label: str
    members: int


def counts(members: Sequence[Member], now: datetime) -> list[Count]:
    """How many are in each state, how many of them are late, and how many there are in all."""
    found = Counter(member.state.value for member in members)
    found[LATE] = sum(member.is_late(now) for member in members)
    found[""] = len(members)
    return [Count(state, label, found[state]) for state, label in STATES.items()]
