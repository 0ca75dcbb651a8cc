"""The state of the database, the read models and the reactions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.db.models import Count
from django.utils import timezone

from eventstore.current import current_store
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.advance import is_able
from eventstore.projections.read_model import registry
from eventstore.reactions.parked import CONDITIONS, ParkedReason
from eventstore.reactions.reaction import registry as reactions

PROBE = "health"
"""The row that is written to test whether writes are taken. No reader has this name."""
BETWEEN_PROBES = 10.0
"""Seconds for which one successful write is proof enough, so that frequent health checks do not write all
the time."""
COUNTED = 10_000
"""Parked events are counted up to this number."""
_written_at = -BETWEEN_PROBES


@dataclass(frozen=True)
class Lag:
    """What has still to be taken in: how many events (a lower bound, unless `is_exact`) of whatever kind,
    and for how many seconds the oldest of them has waited; 0 when there is none."""

    events: int
    is_exact: bool
    seconds: float


NOT_KNOWN = Lag(events=0, is_exact=False, seconds=0)
"""A lower bound of none: only the store could say, and it is away."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """How far a read model has come. `version` is that of the code which filled its tables, `code_version`
    that of this code."""

    name: str
    position: int
    lag: Lag
    version: int
    code_version: int
    error: str = ""
    failed_position: int | None = None
    advanced_at: datetime | None = None

    @property
    def stopped(self) -> bool:
        """Whether it takes in no more events, because one failed or it needs a rebuild."""
        return bool(self.error) or self.outdated

    @property
    def outdated(self) -> bool:
        """Whether another version of the code has filled its tables."""
        return self.version != self.code_version


@dataclass(frozen=True, kw_only=True)
class ReactionCondition:
    """How far a reaction has come; how many events wait for their time, how many it will try again, and
    how many wait for somebody to look. If what it talks to does not answer, `away` says so, and the whole
    reaction waits for that."""

    name: str
    position: int
    lag: Lag
    timers: int
    retrying: int
    parked: int
    away: str = ""


def try_to_write() -> None:
    """Raises the database's error if it takes no writes: its disk is full, or it is a standby."""
    global _written_at
    if monotonic() - _written_at < BETWEEN_PROBES:
        return
    Checkpoint.objects.update_or_create(name=PROBE, defaults={"version": 0})
    _written_at = monotonic()


def stopped() -> list[Checkpoint]:
    """The read models that take in no more events, by name; one query, with a row for each read model."""
    found = Checkpoint.objects.filter(name__in=sorted(registry)).order_by("name")
    return [each for each in found if not is_able(each)]


def waiting() -> list[tuple[str, str]]:
    """The reactions that wait for something that is away, by name, and what they wait for."""
    names = {each.checkpoint: name for name, each in reactions.items()}
    found = Checkpoint.objects.filter(name__in=sorted(names)).exclude(error="").order_by("name")
    return [(names[each.name], each.error) for each in found]


def conditions() -> list[Condition]:
    """Every read model, by name. Raises the database's error, or Unreachable, when one does not answer."""
    reached = Checkpoint.objects.in_bulk(sorted(registry))
    stand = {name: reached[name].position if name in reached else 0 for name in sorted(registry)}
    lags = _lags(stand.values())
    return [_condition(name, reached.get(name), lags[position]) for name, position in stand.items()]


def standing() -> list[Condition]:
    """Where each read model stands, as far as the database alone can say."""
    reached = Checkpoint.objects.in_bulk(sorted(registry))
    return [_condition(name, reached.get(name), NOT_KNOWN) for name in sorted(registry)]


def reaction_conditions() -> list[ReactionCondition]:
    """Every reaction, by name; raises as `conditions` does. Parked events are counted up to COUNTED."""
    reached = Checkpoint.objects.in_bulk([each.checkpoint for each in reactions.values()])
    stand = {name: getattr(reached.get(each.checkpoint), "position", 0) for name, each in reactions.items()}
    lags = _lags(stand.values())
    counted = ParkedEvent.objects.order_by("pk").values("pk")[:COUNTED]
    counts = (
        ParkedEvent.objects.filter(pk__in=counted)
        .values("reaction")
        .annotate(
            timers=Count("pk", filter=CONDITIONS[ParkedReason.TIMER]),
            retrying=Count("pk", filter=CONDITIONS[ParkedReason.RETRYING] | CONDITIONS[ParkedReason.BEHIND]),
            parked=Count("pk", filter=CONDITIONS[ParkedReason.PARKED]),
        )
    )
    parked = {each["reaction"]: each for each in counts}
    return [
        ReactionCondition(
            name=name,
            position=stand[name],
            lag=lags[stand[name]],
            timers=parked.get(name, {}).get("timers", 0),
            retrying=parked.get(name, {}).get("retrying", 0),
            parked=parked.get(name, {}).get("parked", 0),
            away=getattr(reached.get(each.checkpoint), "error", ""),
        )
        for name, each in sorted(reactions.items())
    ]


def _lags(positions: Iterable[int]) -> dict[int, Lag]:
    """What lies after each position; most readers stand at the same."""
    return {position: _lag(position) for position in set(positions)}


def _lag(position: int) -> Lag:
    backlog = current_store().backlog(position)
    seconds = (timezone.now() - backlog.since).total_seconds() if backlog.since else 0
    return Lag(backlog.events, backlog.is_exact, max(seconds, 0))


def _condition(name: str, reached: Checkpoint | None, lag: Lag) -> Condition:
    code_version = registry[name].version
    if reached is None:  # it has not taken in an event yet
        return Condition(name=name, position=0, lag=lag, version=code_version, code_version=code_version)
    return Condition(
        name=name,
        position=reached.position,
        lag=lag,
        version=reached.version,
        code_version=code_version,
        error=reached.error,
        failed_position=reached.failed_position,
        advanced_at=reached.advanced_at,
    )
