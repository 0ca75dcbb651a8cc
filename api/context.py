"""The operations of one context. Each says who may use it, what it returns and which read models it needs."""

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import cleandoc, signature
from types import UnionType
from typing import Any, TypeVar

from django.http import HttpResponse
from ninja import Router
from ninja.params.models import Body, Header
from ninja.utils import contribute_operation_args
from pydantic import BaseModel, Field

from accounts.rules import Rule
from api.access import needs, signed_in_by
from api.ids import NAME
from api.problems import Problem
from api.reads import PositionSeen, wait_for
from api.writes import Nothing, Written
from pages.depends_on import shown_by, shows_none
from pages.depends_on import shows as states

View = TypeVar("View", bound=Callable[..., HttpResponse])

READ_FAILURES = frozenset({400, 401, 403, 404, 429, 503})
WRITE_FAILURES = READ_FAILURES | {409, 412, 413, 415}


class Seen(PositionSeen):
    """The headers that every read takes."""

    tag: str | None = Field(
        default=None,
        alias="If-None-Match",
        description="The `ETag` of an earlier answer: if it would be the same again, the answer is 304 and"
        " empty.",
        examples=['"3-5d41402abc4b"'],
    )


def header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


READ_HEADERS = {
    "ETag": header("Changes when the answer does. That of one thing begins with its version."),
    "Link": header("The next page of a list, if there is one."),
}
WRITTEN_HEADERS = {"ETag": header("The new version, as `If-Match` takes it.")}
CREATED_HEADERS = {**WRITTEN_HEADERS, "Location": header("Where it is.")}


class Context(Router):
    """A router on which every operation has a rule. `shows` names the read models that its operations
    show, or by which they decide, unless an operation names others."""

    def __init__(self, name: str, *, shows: Sequence[str]) -> None:
        super().__init__(tags=[name])
        self.shows = tuple(shows)

    def read(
        self,
        path: str,
        rule: Rule,
        shape: type[BaseModel] | UnionType,
        *,
        shows: Sequence[str] | None = None,
    ) -> Callable[[View], View]:
        """A GET that returns this shape."""
        answers = {200: shape, 304: None, READ_FAILURES: Problem}
        extra = {"responses": {200: {"headers": READ_HEADERS}}}

        def state(view: View) -> View:
            waiting = self._waiting(view, shows)
            contribute_operation_args(waiting, "seen", Seen, Header(...))
            self._add(path, ["GET", "HEAD"], waiting, rule, answers, extra)
            return view

        return state

    def write(
        self, path: str, rule: Rule, *, creates: bool = False, shows: Sequence[str] | None = None
    ) -> Callable[[View], View]:
        """A POST that dispatches one command. Its view takes the headers as `given: Header[Conditions]`,
        or as `Header[Once]` if it begins something; and what is sent as `body`, if it takes any."""
        status, headers = (201, CREATED_HEADERS) if creates else (200, WRITTEN_HEADERS)
        answers = {status: Written, WRITE_FAILURES: Problem}
        extra = {"responses": {status: {"headers": headers}}}

        def state(view: View) -> View:
            waiting = self._waiting(view, shows)
            if "body" not in signature(view).parameters:
                contribute_operation_args(waiting, "nothing", Nothing, Body(Nothing()))
            self._add(path, ["POST"], waiting, rule, answers, extra)
            return view

        return state

    def _waiting(self, view: View, shows: Sequence[str] | None) -> Callable[..., HttpResponse]:
        """The view, run once the read models have reached the position that the caller names."""

        names = self.shows if shows is None else shows

        @(states(*names) if names else shows_none("It shows events."))
        @wraps(view)
        def waiting(request: Any, **named: Any) -> HttpResponse:
            named.pop("nothing", None)
            seen: PositionSeen = named.pop("seen", None) or named["given"]
            wait_for(seen.position, shown_by(waiting) or ())
            return view(request, **named)

        return waiting

    def _add(self, path: str, methods: list[str], view: Any, rule: Rule, answers: Any, extra: Any) -> None:
        self.add_api_operation(
            path.replace("{uuid:", f"{{{NAME}:"),
            methods,
            view,
            auth=signed_in_by(rule),
            response=answers,
            description=f"{cleandoc(view.__doc__ or '')}\n\n{needs(rule)}",
            openapi_extra=extra,
        )
