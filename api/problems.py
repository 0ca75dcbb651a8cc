"""What a program is told when something is wrong: problem details, as RFC 9457 defines them."""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"
PREFIX, PAGE = "/api/", "/api/docs"
"""The addresses for programs; and among them the one page for people."""

NOT_JSON = "Send the body as application/json"

MEANINGS = {
    400: "What was sent cannot be understood, or a field is wrong: see `errors`.",
    401: "Nobody has signed in, or the token is not known.",
    403: "Whoever asks may not do this.",
    404: "There is nothing of this id, or at this address, or it was not there at that moment.",
    405: "This address is not asked in this way: see the `Allow` header.",
    409: "A rule forbids it, and `detail` says which; or somebody else changed this at the same moment.",
    412: "Somebody changed this first: it is not at the version that `If-Match` names. Nothing was stored.",
    413: "The body is too large.",
    415: "The body is not sent as `application/json`.",
    429: "Too many requests: ask again after as many seconds as `Retry-After` says.",
    500: "This is our fault, and has been logged.",
    503: "The event store, the database or a read model is behind or away: ask again after as many seconds"
    " as `Retry-After` says.",
}
"""The meaning of each status, wherever it is returned."""


class Fault(BaseModel):
    """What is wrong with one field."""

    field: str = Field(
        description="The field of the body, the parameter or the header; empty when it is about all of them."
        " Dots lead into lists.",
        examples=["title"],
    )
    message: str = Field(description="A sentence for people.", examples=["Work must have a title"])


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(default="about:blank", description="The problem is what its status says.")
    title: str = Field(description="What the status is called.", examples=["Conflict"])
    status: int = Field(description="The status of the answer.", examples=[409])
    detail: str = Field(
        description="What is wrong this time, as a sentence for people.",
        examples=["An operative is already assigned to this work"],
    )
    errors: list[Fault] = Field(default=[], description="What is wrong, by field; only with status 400.")


def problem(status: int, detail: str, errors: Sequence[Fault] = (), **headers: str) -> HttpResponse:
    """The answer with this problem. Headers are named with underscores: `Retry_After="5"`."""
    return HttpResponse(
        text_of(status, detail, errors),
        status=status,
        content_type=MEDIA_TYPE,
        # A cache may keep some failures, unless told otherwise.
        headers={"Cache-Control": "no-store"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
    )


def text_of(status: int, detail: str, errors: Sequence[Fault] = ()) -> bytes:
    """The problem as JSON."""
    phrase = HTTPStatus(status).phrase
    found = Problem(title=phrase, status=status, detail=detail, errors=list(errors))
    return found.model_dump_json().encode()


def make_problem(response: HttpResponseBase) -> None:
    """Turn a page that says what is wrong into a problem. In place, so that headers such as Allow stay."""
    if not isinstance(response, HttpResponse) or response.headers.get("Content-Type") == MEDIA_TYPE:
        return
    response.content = text_of(
        response.status_code, MEANINGS.get(response.status_code, response.reason_phrase)
    )
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Length"] = str(len(response.content))
