"""Times, stages, money and icons as every page writes them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from eventstore.worker.health import Lag
from pages import money as amounts
from pages.local_time import local
from pages.undo_button import UndoButton
from readmodels.models import SiteRow, WorkRow
from readmodels.queries.crew import Crew
from readmodels.queries.jobs import Job
from support.events import AbandonReason

register = template.Library()

STAGE_ICONS = {
    "raised": "inbox",
    "assigned": "person-check",
    "dispatched": "truck",
    "arrived": "tools",
    "completed": "check-circle",
    "abandoned": "arrow-return-left",
    "withdrawn": "x-circle",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon for the eye only: a word always stands beside it."""
    sprite = static("vendor/bootstrap-icons/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.simple_tag
def stage(value: str) -> SafeString:
    """A stage as colour, icon and word."""
    return format_html(
        '<span class="stage" data-stage="{}">{}{}</span>',
        value,
        icon(STAGE_ICONS[value]),
        WorkRow.Stage(value).label,
    )


@register.simple_tag
def stage_icon(value: str) -> SafeString:
    """Only the stage's icon, for use beside the words."""
    return icon(STAGE_ICONS[value])


def written(moment: datetime, words: str, relative: str = "") -> SafeString:
    """A time in words; the exact time on hover, in the markup and on paper. `relative` says how the words
    change as time passes."""
    shown = local(moment)
    return format_html(
        '<time datetime="{}" title="{}" data-exact="{}"{}>{}</time>',
        shown.isoformat(timespec="seconds"),
        shown.strftime("%a %-d %b %Y, %H:%M:%S"),
        shown.strftime("%a %-d %b %Y, %H:%M"),
        SafeString(relative),
        words,
    )


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    """How long ago, or until."""
    if moment is None:
        return SafeString("")
    return written(moment, relative(moment, timezone.now()), " data-relative")


@register.simple_tag
def age(moment: datetime) -> SafeString:
    """How old something is, in little space: "3 min"; "new" within the first minute."""
    gap = timezone.now() - moment
    words = span(gap) if gap >= timedelta(minutes=1) else "new"
    return written(moment, words, ' data-relative="age"')


@register.simple_tag
def clock(moment: datetime | None) -> SafeString:
    """The time of day, with the date when it was another day."""
    if moment is None:
        return SafeString("")
    shown = local(moment)
    today = timezone.localdate()
    shape = "%H:%M" if shown.date() == today else "%-d %b %H:%M" if shown.year == today.year else "%-d %b %Y"
    return written(moment, shown.strftime(shape))


@register.filter
def exact(moment: datetime) -> str:
    """The day and the time to the second."""
    return local(moment).strftime("%a %-d %b %Y, %H:%M:%S")


@register.simple_tag
def late(job: Job) -> SafeString:
    """The alarm when the operative should have arrived by now, and how late they are; otherwise nothing."""
    now, expected = timezone.now(), job.work.estimated_arrival
    if expected is None or not job.is_late(now):
        return SafeString("")
    words = f"Late {span(now - expected)}" if now - expected >= timedelta(minutes=1) else "Late"
    return format_html('<span class="alarm">{}{}</span>', icon("clock-history"), words)


@register.filter
def undo_of(tags: str) -> UndoButton | None:
    """The button that undoes what a message is about; None if it is not offered."""
    return UndoButton.read(tags.partition("\n")[0])


@register.filter
def undone_in_place(page: str) -> str:
    """The element that an undo loads again on the page of this name; empty if the whole page is loaded."""
    return {"control": "board", "operative": "duty", "response": "call"}.get(page, "")


@register.filter
def about_of(tags: str) -> str:
    """The thing and the person that a message is about."""
    return tags.partition("\n")[2]


@register.simple_tag
def new_command_id() -> UUID:
    """For a form that a template writes by hand."""
    return uuid4()


@register.filter
def reason(value: str) -> str:
    """A stored reason for abandoning work, as text for people."""
    return AbandonReason(value).label if value in set(AbandonReason) else value


@register.filter
def on_map(site: SiteRow) -> str:
    """The address of the site on a map; telephones open it in their maps application."""
    address = f"{site.address_line_1}, {site.town} {site.post_code}"
    return f"https://www.google.com/maps/search/?{urlencode({'api': 1, 'query': address})}"


def relative(moment: datetime, now: datetime) -> str:
    """ "3 min ago", "in 2 h", "5 d ago"; static/callout.js writes the same words as time passes."""
    gap = now - moment
    words = span(abs(gap))
    if abs(gap) < timedelta(minutes=1):
        return "just now"
    return f"{words} ago" if gap > timedelta(0) else f"in {words}"


DAYS_COUNTED = 2 * 365
"""From so many days on, the age is given in years."""


@register.filter
def span(gap: timedelta | None) -> str:
    """A length of time in its largest fitting unit."""
    if gap is None:
        return ""
    seconds = int(gap.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86_400:
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours} h {minutes} min" if hours < 10 and minutes else f"{hours} h"
    days = seconds // 86_400
    return f"{days} d" if days < DAYS_COUNTED else f"{days // 365} y"


@register.filter
def waited(lag: Lag) -> str:
    """How long the oldest event has waited that has still to be taken in."""
    return f"for {span(timedelta(seconds=lag.seconds))}"


@register.filter
def tel(number: str) -> str:
    """The address that dials a telephone number, however somebody typed it; "+44 (0)20 ..." drops the (0)."""
    if number.startswith("+"):
        number = number.replace("(0)", "")
    return f"tel:{re.sub(r'[^0-9+]', '', number)}"


@register.filter
def pairs(mapping: Mapping[Any, Any]) -> Iterable[tuple[Any, Any]]:
    """The keys with their values. In a template, `.items` would be the value of a key "items", if there is
    one."""
    return mapping.items()


@register.filter
def money(amount: Decimal | None) -> str:
    """An amount in the currency of the settings; nothing if there is none."""
    return "" if amount is None else amounts.money(amount)


@register.filter
def signed(number: int) -> str:
    """A difference with its sign, and with the typographic minus."""
    return f"{number:+,}".replace("-", "\N{MINUS SIGN}")


@register.filter
def reported(job_id: UUID, reporters: Mapping[UUID, str] | str) -> str:
    """ ", reported by Control" if the operative did not say so themselves."""
    name = reporters.get(job_id) if isinstance(reporters, Mapping) else None
    return f", reported by {name}" if name else ""


@register.filter
def called_by(operative_id: UUID, crew: Crew) -> str:
    """The operative's whole name, distinct from those of others of the crew."""
    return crew.name_of(operative_id)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The page's query string with some values changed; None removes one."""
    request = context["request"]
    values: QueryDict = request.GET.copy()
    for name, value in changes.items():
        values.pop(name, None)
        if value not in (None, ""):
            values[name] = str(value)
    return f"?{values.urlencode()}"
