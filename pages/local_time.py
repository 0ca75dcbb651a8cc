"""Times that people write as their clocks show them, without a zone. On the night when the clocks go back,
nothing says which of two moments is meant. Moments are in UTC: in that hour, Python does not treat a
moment of another zone as equal to one in UTC."""

from datetime import UTC, datetime

from django.utils import timezone

SKIPPED = "The clocks go forward that night, and skip this time. Write the one that they show instead"


class Skipped(ValueError):
    """No clock ever shows this time: in spring an hour is left out."""

    def __init__(self) -> None:
        super().__init__(SKIPPED)


def local(moment: datetime) -> datetime:
    """The moment as the clocks here show it; in UTC at the ends of the calendar, where the local time
    cannot be calculated."""
    try:
        return timezone.localtime(moment)
    except OverflowError:
        return moment


def next_moment(shown: datetime, now: datetime) -> datetime:
    """The next moment at which the clocks show this; the latest, if none is to come. Raises Skipped."""
    moments = moments_of(shown)
    return next((each for each in moments if each > now), moments[-1])


def latest_moment(shown: datetime, now: datetime) -> datetime:
    """The latest moment at which the clocks showed this; the next, if none has been yet. Raises Skipped."""
    moments = moments_of(shown)
    return next((each for each in reversed(moments) if each <= now), moments[0])


def moments_of(shown: datetime) -> list[datetime]:
    """The moments at which the clocks show this, in order: two if they went back. Raises Skipped."""
    zone = timezone.get_current_timezone()
    both = [shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    moments = [each for each in both if each.astimezone(zone).replace(tzinfo=None) == shown]
    if not moments:
        raise Skipped
    return moments if both[0] < both[1] else moments[:1]
