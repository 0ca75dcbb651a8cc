"""Your own change is on the next page.

Where a worker advances the read models, a page may be asked for before they have taken in the change that
the same person has just made. The change's position travels in the session; the next page waits for the
read models that it shows, and otherwise says that it is still catching up and refreshes itself. Where
changes are projected in the transaction that appends them, nothing of this happens.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from eventstore.projections.wait_until import PATIENCE, caught_up
from pages.depends_on import shown_by

POSITION = "position"
"""Where the session keeps the position of the person's last change, with the store in which it is one. It
stays there: of two requests at once, one that took it away might do so to the other's newer one."""
BY_ITSELF = {"own-change", "news", "itself"}
"""The ids of what a page asks for by itself, now and then: it does not keep the server waiting."""


def remember(request: HttpRequest, position: int) -> None:
    """Let the pages that follow wait for the event at this position."""
    if settings.PROJECTION == "worker":
        request.session[POSITION] = [this_store(), max(position, remembered(request))]


def remembered(request: HttpRequest) -> int:
    """The position to wait for; 0 when there is none in this store."""
    match request.session.get(POSITION):
        case [store, int(position)] if store == this_store():
            return position
    return 0


def this_store() -> str:
    """Tells apart the stores between which an installation may have moved."""
    return f"{settings.EVENT_STORE_URL.partition('?')[0].rpartition('@')[2]} {settings.EVENT_STORE_PREFIX}"


class OwnChangeMiddleware:
    """Wait before the view runs. `request.catching_up` says that it was in vain."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, _args: Any, _kwargs: Any) -> None:
        if settings.PROJECTION == "worker":
            request.catching_up = is_catching_up(request, view)


def is_catching_up(request: Any, view: Any) -> bool:
    """Whether what the view shows may lack the person's own change, after waiting for it."""
    shown = shown_by(view)
    position = remembered(request)
    if not shown or not position:
        return False
    patience = 0 if request.htmx.trigger in BY_ITSELF else PATIENCE
    return not caught_up(position, shown, within=patience)
