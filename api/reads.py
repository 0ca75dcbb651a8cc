"""What every read shares: tags, so that a program reads again only what is new, and pages of lists."""

from collections.abc import Callable, Collection, Sequence
from hashlib import blake2b
from typing import Generic, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from pydantic import BaseModel, Field, SerializeAsAny

from api.failures import AfterNothing, Behind
from api.shapes import CURSOR, Key
from eventstore.current import current_store
from eventstore.models import Checkpoint
from eventstore.projections.read_model import ReadModel, registry
from eventstore.projections.wait_until import PATIENCE, caught_up
from eventstore.store import RecordedEvent, Selection
from readmodels.page import Page
from readmodels.queries.keyset import page_after, place_of

T = TypeVar("T", bound=BaseModel)
M = TypeVar("M", bound=Model)

FARTHEST = 2**63 - 1


class PositionSeen(BaseModel):
    """How far what is asked for must have come."""

    position: int | None = Field(
        default=None,
        alias="Callout-Position",
        ge=0,
        le=FARTHEST,
        description="The `position` that an earlier write answered: wait up to 2 seconds until what this"
        " shows, or judges by, has taken that write in; otherwise the answer is 503.",
        examples=[1042],
    )


class PageWanted(BaseModel):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=200, description="Rows on the page, at most.")
    after: Key | None = Field(
        default=None, description="Where the page begins. Take it from `next`; it is not for reading."
    )


class Listed(BaseModel, Generic[T]):
    """A page of a list."""

    items: Sequence[T] = Field(description="The rows of this page.")
    next: str | None = Field(
        description="The address of the next page; null on the last. The same as the `Link` header.",
        examples=[f"/api/work?limit=50&after={CURSOR}"],
    )


def one(
    asked: HttpRequest, stream: str, read_model: str, find: Callable[[], BaseModel | None]
) -> HttpResponse:
    """One aggregate, under a tag that begins with its version.

    The version is read first: a row may then be newer than its tag, and a write with that tag fails. It is
    never older; otherwise a write could pass over something that its writer has not seen.
    """
    newest = newest_of(stream, read_model)
    found = find()
    if found is None:
        raise Http404
    body = found.model_dump_json().encode()
    return tagged(asked, body, f'"{newest.version}-{digest(body)}"')


def newest_of(stream: str, read_model: str) -> RecordedEvent:
    """The newest event of a stream, once the read model has taken it in; 404 when there is no such stream."""
    newest = current_store().browse(Selection(stream=stream), limit=1).events
    if not newest:
        raise Http404
    wait_for(newest[0].position, [registry[read_model]])
    if Checkpoint.objects.filter(name=read_model, position__lt=newest[0].position).exists():
        raise Behind  # the read model has stopped
    return newest[0]


def missing(stream: str) -> Exception:
    """What to raise if a read model has no row: there is nothing with this id, or it has only just begun."""
    return Behind() if current_store().browse(Selection(stream=stream), limit=1).events else Http404()


def page_of(rows: QuerySet[M], wanted: PageWanted) -> Page[M]:
    """The page of a list that ascends by keys. A text that is no place in it is refused: otherwise the
    first page would pass for a later one."""
    if wanted.after is not None and place_of(rows, wanted.after) is None:
        raise AfterNothing
    return page_after(rows, wanted.after, wanted.limit)


def many(asked: HttpRequest, items: Sequence[BaseModel], after: str | None) -> HttpResponse:
    """A page of a list, and where the next begins, if there is one."""
    following = address_after(asked, after) if after else None
    # Each as its own shape writes it; `serialize_as_any` would write amounts without their last zero.
    body = Listed[SerializeAsAny[BaseModel]].model_construct(items=items, next=following)
    text = body.model_dump_json().encode()
    answer = tagged(asked, text, f'W/"{digest(text)}"')
    if following:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


def address_after(asked: HttpRequest, after: str) -> str:
    query = asked.GET.copy()
    query["after"] = after
    return f"{asked.path}?{query.urlencode()}"


def tagged(asked: HttpRequest, body: bytes, tag: str) -> HttpResponse:
    """The body; or 304 for a client that has it already. No cache on the way may give it to somebody else.

    Not with Django's own function: that would answer 412 to a program that sends `If-Match` with every
    request.
    """
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if has(asked.headers.get("If-None-Match", ""), tag):
        answer: HttpResponse = HttpResponseNotModified(headers=headers)
    else:
        answer = HttpResponse(body, content_type="application/json", headers=headers)
    patch_vary_headers(answer, ["Authorization", "Cookie"])
    return answer


def has(known: str, tag: str) -> bool:
    """Whether the tag is among those that the client knows, whether or not it was weakened on the way (RFC
    9110)."""
    tags = [each.removeprefix("W/") for each in parse_etags(known)]
    return "*" in tags or tag.removeprefix("W/") in tags


def digest(body: bytes) -> str:
    return blake2b(body, digest_size=6).hexdigest()


def wait_for(position: int | None, read_models: Collection[ReadModel]) -> None:
    """Wait until these read models have taken in the event at this position. Raises Behind when that takes
    long.

    If changes are projected in the transaction that appends them, there is nothing to wait for.
    """
    if not position or not read_models or settings.PROJECTION == "inline":
        return
    if not caught_up(position, read_models, within=PATIENCE):
        raise Behind
