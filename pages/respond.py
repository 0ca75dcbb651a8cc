"""How views answer: with a page or its fragment, and with a message about how a command went."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import push_url

from accounts.models import User
from eventstore.decider import C, Decider, E, Refused, S
from eventstore.dispatch import Outcome, dispatch
from eventstore.store import WrongVersion
from pages.command_form import CommandForm
from pages.draft import Draft
from pages.own_change import remember
from pages.undo_button import UndoButton

UNPROCESSABLE = 422
WHOLE = "content"
"""The id of the element that a page replaces when it refreshes itself (templates/_catching_up.html)."""
COLLISION = "Somebody else changed this at the same moment; nothing was stored. Please look again"


class StaffRequest(HttpRequest):
    """A request by a person who has signed in, as django-htmx annotates it."""

    user: User
    htmx: Any
    catching_up: bool


def is_for_fragment(request: Any) -> bool:
    """Whether htmx asks for a part of the page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx and not htmx.boosted and htmx.target != WHOLE)


def render_page(
    request: HttpRequest, page: str, context: dict[str, Any], *, fragment: str, status: int = 200
) -> HttpResponse:
    """The whole page; when htmx asks, only the fragment that the page includes, with the messages."""
    if is_for_fragment(request):
        context = {**context, "fragment": fragment}
        response = render(request, "_answer.html", context, status=status)
    else:
        response = render(request, page, context, status=status)
    # Both have one address: without this header the Back button may show a bare fragment.
    patch_vary_headers(response, ["HX-Request"])
    return response


def at_its_address(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A list's answer. The address that the browser shows then names its filters, without the empty ones."""
    if not is_for_fragment(request):
        return answer
    given = request.GET.copy()
    for name in [name for name, value in given.items() if not value]:
        del given[name]
    return push_url(answer, f"{request.path}?{given.urlencode()}" if given else request.path)


def posted(request: HttpRequest) -> QueryDict | None:
    """The data of a posted form; None when the page is only asked for."""
    return request.POST if request.method == "POST" else None


def no_button(_: UUID, _outcome: Outcome) -> None:
    """For what cannot be undone."""


def perform(
    request: StaffRequest,
    form: CommandForm,
    command: C,
    *,
    to: Decider[C, S, E],
    action: str,
    expected_version: int | None = None,
    undo: Callable[[UUID, Outcome], UndoButton | None] = no_button,
) -> Outcome | None:
    """Dispatch the command of a valid form and tell the user; None when it was refused.

    `action` completes "Succeeded ..." and "Could not complete action: ..."; `undo` answers the
    button beside it, given the command's id and its outcome.
    """
    command_id = form.cleaned_data["command_id"]
    try:
        outcome = dispatch(
            command,
            to=to,
            by=request.user.actor,
            command_id=command_id,
            expected_version=expected_version,
        )
    except Refused as refusal:
        form.refuse(str(refusal))
    except WrongVersion:
        form.refuse(COLLISION)
    else:
        if settings.PROJECTION == "worker":
            remember(request, outcome.position)
        tell_done(request, action, named(form), undo(command_id, outcome))
        return outcome
    tell_refused(request, form, action=action)
    return None


def submit(
    request: StaffRequest, form: CommandForm, command: Callable[[], C], *, to: Decider[C, S, E], action: str
) -> Outcome | None:
    """Perform what a posted form asks for; None when it was refused, or when the page is only asked for."""
    if request.method != "POST":
        return None
    if form.is_valid() and form.is_sure():
        return perform(request, form, command(), to=to, action=action)
    tell_refused(request, form, action=action)
    return None


def tell_refused(request: HttpRequest, form: CommandForm, *, action: str) -> None:
    """Say that nothing was done, with the reasons or questions; what was typed stays in a fresh form. Of a
    draft it does not say that, because nobody asked that it be done."""
    form.renew()
    if isinstance(form.data, Draft):
        return
    title = f"A question before {action}" if form.is_asking else f"Could not complete action: {action}"
    level = messages.WARNING if form.is_asking else messages.ERROR
    messages.add_message(request, level, "\n".join([title, *form.summary]), extra_tags=f"\n{named(form)}")


def tell_done(request: HttpRequest, action: str, about: str, button: UndoButton | None = None) -> None:
    """Say what was done, and to what. The latter is the second line of the tags, which
    templates/_messages.html shows."""
    tags = " ".join(map(str, button or ()))
    messages.success(request, f"Succeeded {action}", extra_tags=f"{tags}\n{about}")


def named(form: CommandForm) -> str:
    """The thing and the person that the form is about."""
    return " ".join(form.about().split()) if form.about else ""
