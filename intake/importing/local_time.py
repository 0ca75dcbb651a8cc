"""Times of a wall clock that somebody wrote without a time zone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class BadTime(Exception):
    """The text gives no moment; the message says why, as the second half of a sentence."""


def moment(text: str, layouts: Sequence[str], zone: ZoneInfo, *, after: datetime | None = None) -> datetime:
    """The moment, in UTC, at which a clock in `zone` showed `text`. Raises BadTime.

    In autumn one hour comes twice. Its first pass is meant, unless that would be before `after`, which is
    known to have come first. In spring one hour is skipped: a time within it does not exist.
    """
    try:
        shown = _shown(text, layouts)
        first = (shown if shown.tzinfo else shown.replace(tzinfo=zone)).astimezone(UTC)
        second = (shown if shown.tzinfo else shown.replace(tzinfo=zone, fold=1)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime(f"“{text}” is not a time as the mapping writes it") from None
    if not shown.tzinfo and first.astimezone(zone).replace(tzinfo=None) != shown:
        raise BadTime(f"“{text}” was skipped when the clocks in {zone.key} went forward")
    return second if after is not None and first < after <= second else first


def _shown(text: str, layouts: Sequence[str]) -> datetime:
    """What the clock showed, in the first layout that fits. Raises ValueError."""
    for layout in layouts:
        try:
            return datetime.strptime(text, layout)  # noqa: DTZ007  the zone comes next
        except ValueError:
            continue
    raise ValueError
