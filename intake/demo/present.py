"""The present: work at every stage, in minutes before now."""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from intake.demo.cast import Operative, Site
from intake.demo.job import Job
from intake.demo.plan import Plan
from support.events import AbandonReason

DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Story:
    """What has become of a call so far. Times are minutes before now; an estimate may be in the future."""

    fault: str
    raised: float
    assigned: float | None = None
    to: int = 0
    dispatched: float | None = None
    estimate: float | None = None
    arrived: float | None = None
    completed: float | None = None
    abandoned: float | None = None
    reason: AbandonReason | None = None

    @property
    def by_telephone(self) -> bool:
        """Whether it was settled without a visit."""
        return self.completed is not None and self.arrived is None

    def within(self, elapsed: float) -> "Story":
        """The same story, moved towards now as far as needed to be completed in the `elapsed` part of
        today."""
        if self.completed is None:
            return self
        later = max(0.0, self.completed - elapsed * self.completed / (self.completed + 30))
        moved = {
            name: value - later
            for name in ("raised", "assigned", "dispatched", "estimate", "arrived", "completed")
            if (value := getattr(self, name)) is not None
        }
        return replace(self, **moved)


STORIES = (
    # Waiting for Control: just called, for some hours, overnight, for days.
    Story(fault="lift", raised=4),
    Story(fault="leak", raised=22),
    Story(fault="printer", raised=75),
    Story(fault="lights", raised=19 * 60),
    Story(fault="window", raised=2 * DAY + 15 * 60),
    # Given back.
    Story(
        fault="door",
        raised=195,
        assigned=185,
        to=3,
        dispatched=175,
        estimate=150,
        arrived=152,
        abandoned=110,
        reason=AbandonReason.PARTS_NEEDED,
    ),
    Story(
        fault="drain",
        raised=2 * DAY + 30,
        assigned=2 * DAY + 10,
        to=5,
        abandoned=2 * DAY,
        reason=AbandonReason.ANOTHER_TRADE,
    ),
    # The person of the demo account: on the way, two more to do.
    Story(fault="heating", raised=70, assigned=55, to=0, dispatched=12, estimate=-15),
    Story(fault="self-service", raised=61, assigned=40, to=0),
    Story(fault="hot-water", raised=33, assigned=18, to=0),
    # Overloaded.
    Story(
        fault="fire-alarm", raised=27 * 60, assigned=26 * 60, to=1, dispatched=130, estimate=100, arrived=95
    ),
    Story(fault="leak", raised=26 * 60, assigned=25 * 60, to=1),
    Story(fault="heating", raised=25 * 60, assigned=24 * 60, to=1),
    Story(fault="power", raised=22 * 60, assigned=21 * 60, to=1),
    Story(fault="door", raised=200, assigned=170, to=1),
    Story(fault="network", raised=120, assigned=90, to=1),
    Story(fault="lights", raised=50, assigned=30, to=1),
    # Late: should have been there by now.
    Story(fault="lift", raised=125, assigned=112, to=2, dispatched=95, estimate=40),
    Story(fault="printer", raised=64, assigned=47, to=2),
    # On site.
    Story(fault="intruder-alarm", raised=100, assigned=82, to=3, dispatched=64, estimate=35, arrived=34),
    # Free again, after a day's work.
    Story(fault="network", raised=170, assigned=160, to=4, completed=150),
    Story(
        fault="leak", raised=205, assigned=190, to=4, dispatched=148, estimate=125, arrived=128, completed=86
    ),
    Story(
        fault="lights", raised=110, assigned=98, to=4, dispatched=82, estimate=60, arrived=61, completed=24
    ),
    # Settled one by telephone, and was given another just now.
    Story(fault="power", raised=75, assigned=66, to=5, completed=58),
    Story(fault="hot-water", raised=16, assigned=3, to=5),
)
SCRIPTED = 1 + max(story.to for story in STORIES)
QUIET = 240  # minutes before now in which only the stories happen


def busy_until(plan: Plan) -> list[datetime]:
    """Until when each scripted operative, and then all others, have time for the past month."""
    firsts = [
        max(s.assigned or 0 for s in STORIES if s.to == number and s.abandoned is None)
        for number in range(SCRIPTED)
    ]
    return [plan.ago(max(QUIET, first + 60)) for first in (*firsts, 0)]


def tell(
    story: Story, job: Job, sites: list[Site], operatives: list[Operative], plan: Plan, rng: Random
) -> None:
    """Note what happened to one job."""
    elapsed = (plan.now - plan.midnight).total_seconds() / 60
    story = story.within(elapsed)
    job.raise_work(plan.ago(story.raised), sites)
    if story.assigned is None:
        return
    job.assign(plan.ago(story.assigned), operatives[story.to])
    if story.dispatched is not None:
        job.dispatch(plan.ago(story.dispatched), None if story.estimate is None else plan.ago(story.estimate))
    if story.arrived is not None:
        job.arrive(plan.ago(story.arrived))
    if story.completed is not None:
        settle = job.settle_by_telephone if story.by_telephone else job.complete
        settle(plan.ago(story.completed))
    if story.abandoned is not None and story.reason is not None:
        job.abandon(plan.ago(story.abandoned), story.reason, rng)
