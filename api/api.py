"""The API: its name, its failures, and the contexts that it is made of."""

import json
from functools import cache
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.responses import NinjaJSONEncoder

from accounts import rules
from api.access import Nobody, signed_in_by
from api.buyers import buyers
from api.by_position import describe_stream, events
from api.failures import FAILURES, TYPICAL
from api.limits import Limit
from api.operatives import operatives
from api.orders import orders
from api.parser import StrictParser
from api.problems import MEANINGS, MEDIA_TYPE, Fault, text_of
from api.products import products
from api.sites import sites
from api.work import work

DESCRIPTION = """
The same commands and read models as the pages, by the same rules.

**Writes** send one command each and answer the id, the new version and the position of the change. With an
`Idempotency-Key` a write that is sent again has its effect once. With `If-Match` it happens only if nobody
was first.

**Reads** carry an `ETag`; with `If-None-Match` they answer 304 while nothing has changed. Lists come in
pages: follow `next`. One thing is shown as it was with `?version=` or `?at=`, and all that has happened to it
at `/history`. The history of everything is at `/api/events`, by position, or as a stream.

**Failures** are problem details (RFC 9457). What a rule forbids is 409, with the rule's sentence. Moments are
written as RFC 3339 has it, with their zone; ids are UUIDs.
""".strip()


class Api(NinjaAPI):
    """Describes itself, without ninja's guesses."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the view, which is unique."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """Ninja's own schema, corrected: failures have a media type of their own, and HEAD goes with GET."""
        schema = super().get_openapi_schema(**given)
        for methods in schema["paths"].values():
            methods.pop("head", None)
            for operation in methods.values():
                describe_failures(operation["responses"])
                for parameter in operation["parameters"]:
                    describe_parameter(parameter)
        describe_stream(schema)
        return schema


def describe_parameter(parameter: dict[str, Any]) -> None:
    """A parameter that is left out is not null: an address cannot say null. Examples stay in its schema;
    here they would need names."""
    parameter.pop("examples", None)
    schema = parameter["schema"]
    kinds = [each for each in schema.pop("anyOf", []) if each != {"type": "null"}]
    schema.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


def describe_failures(responses: dict[int, dict[str, Any]]) -> None:
    for status, answer in responses.items():
        if status >= 400:
            answer["description"] = MEANINGS[status]
            shape = answer["content"].pop("application/json")
            answer["content"] = {MEDIA_TYPE: shape | {"example": example_of(status)}}


def example_of(status: int) -> dict[str, Any]:
    wrong = [Fault(field="title", message="Work must have a title")] if status == 400 else []
    example: dict[str, Any] = json.loads(text_of(status, TYPICAL[status], wrong))
    return example


api = Api(
    title="Callout",
    version="1.0.0",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,  # ninja's would be built anew each time, for anybody
    parser=StrictParser(),
    auth=Nobody(),
    throttle=Limit(),
)
for kind, answer in FAILURES.items():
    api.add_exception_handler(kind, answer)
for context in (work, operatives, sites, products, orders, buyers, events):
    api.add_router("", context)


@cache
def description() -> tuple[bytes, str]:
    """The schema as JSON, and its ETag. It depends only on the code, so it is made once."""
    text = json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder).encode()
    return text, quote_etag(sha256(text).hexdigest()[:32])


@api.get(
    "/openapi.json", auth=signed_in_by(rules.SIGNED_IN), include_in_schema=False, url_name="openapi-json"
)
def openapi_json(request: HttpRequest) -> HttpResponse:
    """The schema that programs are generated from, for everybody who is signed in or has any token."""
    text, etag = description()
    answer = HttpResponse(text, content_type="application/json")
    answer.headers["ETag"], answer.headers["Cache-Control"] = etag, "private, no-cache"
    return get_conditional_response(request, etag=etag, response=answer) or answer
