"""What the demo shall be: how large, until when, and from which seed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from django.utils import timezone

_DEMO = UUID("5f4b5c0e-7f0b-5d3e-9a57-1d6c8a9e4b20")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The same plan always gives the same events, with the same ids; another plan shares none of them.

    Times are in UTC: sums of local times go wrong when the clocks change.
    """

    seed: int
    now: datetime
    days: int
    jobs: int
    operatives: int
    sites: int

    @property
    def start(self) -> datetime:
        """Eight in the morning of the first day."""
        day = timezone.localtime(self.now) - timedelta(days=self.days)
        return day.replace(hour=8, minute=0, second=0, microsecond=0).astimezone(UTC)

    @property
    def midnight(self) -> datetime:
        """The beginning of today."""
        day = timezone.localtime(self.now)
        return day.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)

    def ago(self, minutes: float) -> datetime:
        """So many minutes before now; after it, when negative."""
        return self.now - timedelta(minutes=minutes)

    def part(self, share: float) -> datetime:
        """The moment when this share of the time from start to now had passed, on the full minute."""
        return (self.start + (self.now - self.start) * share).replace(second=0, microsecond=0)

    def id(self, *parts: object) -> UUID:
        """The id of something in this plan."""
        return uuid5(_DEMO, "\n".join(map(repr, (self, *parts))))
