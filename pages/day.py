"""What "today" means on a page."""

from datetime import datetime, time

from django.utils import timezone


def start_of_today() -> datetime:
    """When today began in the organisation's time zone."""
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
