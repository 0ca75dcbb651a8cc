"""Every event in order: page by page, waiting for what comes; and as a stream, which only says so here."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query
from ninja.openapi.schema import OpenAPISchema

from accounts import rules
from api.access import needs
from api.context import Context
from api.feed import page
from api.reads import address_after, digest, tagged
from api.shapes.events import EventPage, EventsWanted, wanted_in

events = Context("Events", shows=[])

STREAM = "/api/events/stream"
"""An ordinary view (api/stream.py): an operation cannot go on for ever."""
FRAMES = """
Every event beyond a position as it happens, from the first unless told otherwise, as server-sent events: `id`
is the position, `event` the type, and `data` what `GET /api/events` has in its `items`.

A comment with an `id` alone comes in silence. Whoever takes too slowly hears `cut-off` with the position to
come back with, and every stream ends after about five minutes: come back with `Last-Event-ID`, as browsers do
by themselves.
""".strip()
TOO_MANY = (
    "Too many requests, or as many streams open at once as one may have: `detail` says which. Ask again after"
    " as many seconds as `Retry-After` says."
)
FRAME = 'id: 1042\nevent: WorkAssigned\ndata: {"position": 1042, "type": "WorkAssigned", ...}\n\n'
NO_ASGI = "The server speaks WSGI, and cannot stream: ask for `/api/events`, with `wait`."


@events.read("/events", rules.SEE_EVENTS, EventPage)
def list_events(request: HttpRequest, wanted: Query[EventsWanted]) -> HttpResponse:
    """Every event beyond a position, oldest first. Follow `next`, which is never null: where there is nothing
    yet it waits for as long as `wait` says. Nothing is skipped, nor told twice, whoever writes meanwhile."""
    found = page(after=wanted.after, types=wanted_in(wanted.types), limit=wanted.limit, wait=wanted.wait)
    following = address_after(request, str(found.position))
    body = msgspec.json.encode(
        {"items": found.events, "position": found.position, "more": found.more, "next": following}
    )
    answer = tagged(request, body, f'W/"{digest(body)}"')
    answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


def describe_stream(schema: OpenAPISchema) -> None:
    """Add the stream to the schema, in the words of the operation that returns the same events."""
    like = schema["paths"]["/api/events"]["get"]
    types = next(each for each in like["parameters"] if each["name"] == "types")
    told = {status: each for status, each in like["responses"].items() if status in {400, 401, 403, 429}}
    schema["paths"][STREAM] = {
        "get": {
            "operationId": "stream_events",
            "summary": "Stream Events",
            "description": f"{FRAMES}\n\n{needs(rules.SEE_EVENTS)}",
            "tags": like["tags"],
            "security": like["security"],
            "parameters": [*begins_after(), types],
            "responses": {
                200: {
                    "description": "Events, as long as there is somebody to read them",
                    "content": {"text/event-stream": {"schema": {"type": "string", "examples": [FRAME]}}},
                },
                **told,
                429: {**told[429], "description": TOO_MANY},
                501: {"description": NO_ASGI, "content": told[400]["content"]},
            },
        }
    }


def begins_after() -> list[dict[str, Any]]:
    position = {"type": "integer", "minimum": 0, "examples": [1042]}
    last = (
        "The position of the last event that was heard. Goes before `after`. One that the store has not come"
        " to is refused."
    )
    return [
        {"in": "header", "name": "Last-Event-ID", "schema": position, "description": last},
        {"in": "query", "name": "after", "schema": position, "description": "The same, in the address."},
    ]
