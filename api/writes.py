"""What every write shares: conditions, checks by the forms of the pages, and the answer."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, TypeVar
from uuid import UUID, uuid4, uuid5

from django.http import HttpResponse, QueryDict
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from api.access import ApiRequest
from api.failures import USED_ELSEWHERE, Unacceptable
from api.problems import Fault
from api.reads import PositionSeen
from api.shapes import Sent
from api.shapes.ids import WORK
from eventstore.current import current_store
from eventstore.decider import C, Decider, E, Refused, S
from eventstore.dispatch import Outcome, dispatch
from eventstore.store import Selection, WrongVersion
from pages.command_form import CommandForm

F = TypeVar("F", bound=CommandForm)

# https://www.rfc-editor.org/rfc/rfc9110#name-etag
TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
OURS, BARE = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]+)?"'), re.compile(r"[0-9]{1,9}")
NO_TAG = 'Give the ETag of what was read, or a version such as "3"'


def versions_in(tags: str | None) -> frozenset[int] | None:
    """The versions that a list of tags names; None for any. A proxy that compresses may have weakened a
    tag, and a bare version needs no quotation marks. A tag that is not ours names no version."""
    if tags is None or tags == "*":
        return None
    if BARE.fullmatch(tags):
        return frozenset({int(tags)})
    found: list[str] = TAG.findall(tags)
    if not found or any(rest.strip() for rest in TAG.sub("", tags).split(",")):
        raise ValueError(NO_TAG)
    return frozenset(int(ours[1]) for each in found if (ours := OURS.fullmatch(each)))


class Once(PositionSeen):
    """The headers of a write that begins something: it has no version yet."""

    key: UUID = Field(
        default_factory=uuid4,
        alias="Idempotency-Key",
        description="The id of the command, for this operation, and of what it creates. Sent again under the"
        " same id it has its effect once, and the same answer; what was refused left no trace, and is judged"
        " afresh. Each thing that is created needs an id of its own.",
        examples=["7f9c24e8-3b12-4c8e-9d6a-51a0f2f6a0b7"],
    )


class Conditions(Once):
    """The headers of a write that changes something."""

    versions: Annotated[
        frozenset[int] | None,
        BeforeValidator(versions_in),
        WithJsonSchema({"type": "string", "examples": ['"3"', '"3-5d41402abc4b"', "*"]}),
    ] = Field(
        default=None,
        alias="If-Match",
        description="The `ETag` of what was read, or a version: write only if nobody has changed it since."
        " Of several, with commas between them, one is enough. Otherwise the answer is 412.",
    )


class Nothing(Sent):
    """The body of a write that takes none: `{}`, or not sent at all."""


class Written(BaseModel):
    """The result of a write."""

    id: UUID = Field(description="The id of what was written.", examples=[str(WORK)])
    version: int = Field(
        description="Its version now: how many events came before its last. `If-Match` takes it.",
        examples=[3],
    )
    position: int = Field(
        description="Place of the change in the whole history. `Callout-Position` takes it.", examples=[1042]
    )


def checked(form: Callable[[QueryDict], F], given: Once, sent: BaseModel, **named: str) -> F:
    """The form of the pages, filled in with the body, if it is valid. `named` says what a field of the
    body is called in the form, if that differs."""
    typed = {named.get(name, name): value for name, value in sent}
    return filled_in(form, given, typed, {field: name for name, field in named.items()})


def filled_in(
    form: Callable[[QueryDict], F], given: Once, typed: Mapping[str, object], names: Mapping[str, str]
) -> F:
    """The form of the pages with this typed into it, if it is valid. `names` says what a field of the form
    is called in the body, if that differs."""
    filled = QueryDict(mutable=True)
    filled["command_id"] = str(given.key)
    for name, value in typed.items():
        filled.setlist(name, list(texts_of(value)))
    bound = form(filled)
    if not bound.is_valid():
        raise Unacceptable(faults_of(bound, names))
    return bound


def texts_of(value: object) -> Iterator[str]:
    """The texts that a browser would send."""
    if isinstance(value, list):
        yield from (str(each) for each in value)
    elif value is not None:
        yield str(value)


def faults_of(form: CommandForm, names: Mapping[str, str]) -> Iterator[Fault]:
    """The faults, by field of the body."""
    for field, messages in form.errors.items():
        name = "" if field == "__all__" else names.get(field, field)
        yield from (Fault(field=name, message=str(each)) for each in messages)


def created(asked: ApiRequest, command: C, *, to: Decider[C, S, E], given: Once) -> HttpResponse:
    """Dispatch a command that begins something, and say where it is."""
    try:
        outcome = perform(asked, command, to, given, command_id=given.key)
    except WrongVersion:  # nobody else writes to a new stream: the key has created another thing
        raise Refused(USED_ELSEWHERE) from None
    answer = written(outcome, 201)
    answer.headers["Location"] = f"{asked.path}/{outcome.aggregate_id}"
    return answer


def changed(asked: ApiRequest, command: C, *, to: Decider[C, S, E], given: Conditions) -> HttpResponse:
    """Dispatch a command that changes something that exists."""
    command_id = command_id_of(asked, given)
    version = wanted_of(given.versions, to.stream(to.identify(command)))
    return written(perform(asked, command, to, given, command_id=command_id, version=version), 200)


def wanted_of(versions: frozenset[int] | None, stream: str) -> int | None:
    """The one version at which to write; None for any. If several are given, it is the present one, if it
    is among them. Raises WrongVersion when none is right."""
    if versions is None:
        return None
    if not versions:
        raise WrongVersion(f"{stream} is at no version that is given")
    if len(versions) == 1:
        return min(versions)
    newest = current_store().browse(Selection(stream=stream), limit=1).events
    return newest[0].version if newest and newest[0].version in versions else max(versions)


def command_id_of(asked: ApiRequest, given: Once) -> UUID:
    """An id for each operation: a program that uses one key for everything about a job must not be told
    that one command was done when another was. An id in capitals is the same id."""
    return uuid5(given.key, asked.path_info.lower())


def perform(
    asked: ApiRequest,
    command: C,
    to: Decider[C, S, E],
    given: Once,
    *,
    command_id: UUID,
    version: int | None = None,
) -> Outcome:
    return dispatch(
        command,
        to=to,
        by=asked.auth.actor,
        command_id=command_id,
        correlation_id=given.key,
        expected_version=version,
        source="api",
    )


def written(outcome: Outcome, status: int) -> HttpResponse:
    found = Written(id=outcome.aggregate_id, version=outcome.version, position=outcome.position)
    headers = {"ETag": f'"{outcome.version}"'}
    return HttpResponse(
        found.model_dump_json(), status=status, content_type="application/json", headers=headers
    )
