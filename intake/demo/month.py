"""The past month: Control assigns what waits, oldest first; operatives deal with it one after another."""

import heapq
import math
from datetime import UTC, datetime, timedelta
from random import Random

from django.utils import timezone

from intake.demo.cast import Operative
from intake.demo.job import Job
from support.events import AbandonReason

BY_TELEPHONE = 0.35  # the share of faults settled by telephone, among those that can be
GIVEN_BACK = 0.09
TOLD_WHEN = 0.7  # how often an operative on the way says when they will arrive
REASONS = {
    AbandonReason.PARTS_NEEDED: 6,
    AbandonReason.NO_ACCESS: 4,
    AbandonReason.ANOTHER_TRADE: 3,
    AbandonReason.CUSTOMER_NOT_THERE: 3,
    AbandonReason.UNSAFE: 1,
    AbandonReason.OTHER: 2,
}


class Month:
    """Brings every job to its end before its operative's time is up, so that the present can be told
    separately.

    A `pace` below 1 shortens journeys and repairs, for plans with more jobs than so few people could do.
    """

    def __init__(self, rng: Random, operatives: list[Operative], pace: float) -> None:
        self.rng = rng
        self.operatives = operatives
        self.pace = pace
        self.free_at = {each.operative_id: each.since for each in operatives}
        self._waiting: list[tuple[datetime, int, Job]] = []
        self._count = 0

    def wait(self, job: Job, since: datetime) -> None:
        """Put a job before Control, who gets to it after a while; a job from out of hours often in the
        morning."""
        ready = since + self._minutes(3, 15 if job.fault.urgent else 45)
        if is_night(ready) and not job.fault.urgent and self.rng.random() < 0.5:
            ready = morning_after(ready) + self._minutes(1, 40)
        self._count += 1
        heapq.heappush(self._waiting, (ready, self._count, job))

    def play(self, end: datetime) -> None:
        """Deal with everything that waits."""
        while self._waiting:
            ready, _, job = heapq.heappop(self._waiting)
            at = min(ready, end)
            operative = self._choose(job, at)
            job.assign(at, operative)
            self._deal(job, operative, at)

    def _choose(self, job: Job, at: datetime) -> Operative:
        """The operative who is free first and has not given this job back."""
        there = [each for each in self.operatives if each.since <= at < each.until - timedelta(hours=2)]
        fresh = [each for each in there if each not in job.given_back_by] or there
        self.rng.shuffle(fresh)  # several are free now: take any
        return min(fresh, key=lambda each: max(self.free_at[each.operative_id], at))

    def _deal(self, job: Job, operative: Operative, at: datetime) -> None:
        start = max(at + self._minutes(2, 12), self.free_at[operative.operative_id])
        arrived = start + self._minutes(10, 40) * self.pace
        done = arrived + self._minutes(*job.fault.minutes) * self.pace
        by_telephone = bool(job.case.by_telephone) and self.rng.random() < BY_TELEPHONE
        if by_telephone or done >= operative.until:
            job.settle_by_telephone(at + min(self._minutes(6, 25), (operative.until - at) / 2))
            return
        job.dispatch(start, self._estimate(start, arrived))
        job.arrive(arrived)
        self.free_at[operative.operative_id] = done
        if self._gives_back(job, operative, done):
            job.abandon(done, self.rng.choices(list(REASONS), list(REASONS.values()))[0], self.rng)
            self.wait(job, done)
        else:
            job.complete(done)

    def _gives_back(self, job: Job, operative: Operative, at: datetime) -> bool:
        # A day is left for somebody else to deal with it.
        early = at < operative.until - timedelta(days=1)
        return early and len(job.given_back_by) < 2 and self.rng.random() < GIVEN_BACK

    def _estimate(self, start: datetime, arrived: datetime) -> datetime | None:
        """The estimate on leaving, to the next five minutes; sometimes it is too early."""
        if self.rng.random() >= TOLD_WHEN:
            return None
        about = start.timestamp() + (arrived - start).total_seconds() * self.rng.uniform(0.7, 1.3)
        return datetime.fromtimestamp((math.floor(about / 300) + 1) * 300, UTC)

    def _minutes(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=int(self.rng.uniform(least, most) * 60))


def is_night(at: datetime) -> bool:
    """Whether only emergencies are dealt with at this time."""
    local = timezone.localtime(at)
    return local.weekday() > 4 or not 7 <= local.hour < 19


def morning_after(at: datetime) -> datetime:
    """Eight o'clock on the next working day."""
    local = timezone.localtime(at)
    day = local if local.hour < 8 else local + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=8, minute=0, second=0, microsecond=0).astimezone(UTC)
