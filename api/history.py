"""An aggregate as it was, and everything that has happened to it: its stream, replayed
(docs/adr/0020-as-it-was.md)."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError
from pydantic import BaseModel, SerializeAsAny

from accounts.names import names_of
from api.failures import Unacceptable
from api.problems import Fault
from api.reads import digest, many, newest_of, tagged
from api.shapes.history import Happened, HistoryWanted, Then
from eventstore.codec import json_of
from eventstore.current import current_store
from eventstore.decider import Decider
from eventstore.store import RecordedEvent
from readmodels.time_travel import KINDS, Moment, as_it_was, history_of

States = Callable[[Sequence[Moment]], Sequence[BaseModel]]
"""The shapes of moments."""
Data = Callable[[RecordedEvent], Any]
"""The part of an event's data that is shown."""

BOTH = "Ask for one version or for one moment, not for both"
KEPT = 3600
"""Seconds for which a client may keep a version. What has happened stays; names within it may change."""


def past(
    asked: HttpRequest, to: Decider[Any, Any, Any], aggregate_id: UUID, then: Then, states: States
) -> HttpResponse:
    """The aggregate as it was, under the tag of that version."""
    newest = newest_of(to.stream(aggregate_id), KINDS[to.category].read_model.name)
    if then.version is not None and then.at is not None:
        raise Unacceptable([Fault(field="", message=BOTH)])
    found = as_it_was(to.category, aggregate_id, version=then.version, at=then.at)
    if found is None:
        raise HttpError(404, why_not(then, newest))
    (state,) = states([found])
    body = state.model_dump_json().encode()
    answer = tagged(asked, body, f'"{found.recorded.version}-{digest(body)}"')
    if then.version is not None:
        answer.headers["Cache-Control"] = f"private, max-age={KEPT}"
    return answer


def why_not(then: Then, newest: RecordedEvent) -> str:
    """Why there is nothing to show."""
    if then.at is None:
        return f"It has no version {then.version} yet; the last is {newest.version}"
    (first,) = current_store().read_stream(newest.stream, limit=1)
    return f"It was not there yet: it began at {first.occurred_at.isoformat()}"


def told(recorded: RecordedEvent) -> Any:
    """The whole data of an event."""
    return json_of(recorded.data)


def history(
    asked: HttpRequest,
    to: Decider[Any, Any, Any],
    aggregate_id: UUID,
    wanted: HistoryWanted,
    states: States,
    data: Data = told,
) -> HttpResponse:
    """A page of what has happened to the aggregate, newest first."""
    newest_of(to.stream(aggregate_id), KINDS[to.category].read_model.name)
    moments = history_of(to.category, aggregate_id, before=wanted.after, limit=wanted.limit)
    names = names_of(each.recorded.actor for each in moments)
    items = [
        happened(each.recorded, names[each.recorded.actor], data(each.recorded), state)
        for each, state in zip(moments, states(moments), strict=True)
    ]
    last = moments[-1].recorded.version if moments else 0
    return many(asked, items, str(last) if last else None)


def happened(recorded: RecordedEvent, actor_name: str, data: Any, state: BaseModel) -> Happened[BaseModel]:
    """The event in the shape that programs get."""
    return Happened[SerializeAsAny[BaseModel]].model_construct(
        id=recorded.id,
        type=recorded.type,
        schema_version=recorded.schema_version,
        data=data,
        version=recorded.version,
        position=recorded.position,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        actor_name=actor_name,
        correlation_id=recorded.correlation_id,
        causation_id=recorded.causation_id,
        source=recorded.source,
        state=state,
    )
