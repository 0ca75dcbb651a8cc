"""A person's own change is on their next page.

If a worker advances the read models, a person may ask for a page before they have taken in the change that
this person has just made. The position of the change travels in the session. The next page waits for the
read models that it shows; if they do not reach it in time, the page says that it is still catching up and
refreshes itself. If changes are projected in the transaction that appends them, none of this happens.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from eventstore.projections.wait_until import PATIENCE, caught_up
from pages.depends_on import shown_by

POSITION = "position"
"""The session's key for the position of the person's last change, with the store that it belongs to. It
stays there: if one of two requests removed it, it might remove the newer one of the other."""
BY_ITSELF = {"own-change", "news", "itself"}
"""The ids of what a page asks for by itself now and then; these requests do not wait."""


def remember(request: HttpRequest, position: int) -> None:
    """Make the pages that follow wait for the event at this position."""
    request.session[POSITION] = [this_store(), max(position, remembered(request))]


def remembered(request: HttpRequest) -> int:
    """The position to wait for; 0 when there is none in this store."""
    match request.session.get(POSITION):
        case [store, int(position)] if store == this_store():
            return position
    return 0


def this_store() -> str:
    """Tells this store from others that an installation may have used before."""
    return f"{settings.EVENT_STORE_URL.partition('?')[0].rpartition('@')[2]} {settings.EVENT_STORE_PREFIX}"


class OwnChangeMiddleware(MiddlewareMixin):
    """Waits before the view runs. `request.catching_up` says that the wait was in vain."""

    async_capable = False

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
