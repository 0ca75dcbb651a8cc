"""Health for machines: two addresses, answered before everything else.

Neither needs our host name, HTTPS, a session or a person, and both always answer JSON: a load balancer
knows this process only by its IP address, and speaks plain HTTP.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from eventstore.database.trouble import Trouble, trouble_of
from eventstore.store import Declined, Unreachable
from eventstore.worker.health import (
    Condition,
    ReactionCondition,
    conditions,
    reaction_conditions,
    try_to_write,
)

logger = logging.getLogger(__name__)
Answer = tuple[dict[str, Any], bool]

UNAVAILABLE = 503


def answer(request: HttpRequest, find: Callable[[], Answer]) -> JsonResponse:
    headers = {"Cache-Control": "no-store"}
    if request.method not in {"GET", "HEAD"}:
        return JsonResponse({"ok": False}, status=405, headers={**headers, "Allow": "GET, HEAD"})
    try:
        told, ok = find()
    except Error as error:
        trouble = trouble_of(error)
        told, ok = {"database": False, "trouble": trouble.name.lower() if trouble else "unknown"}, False
    except Exception:
        logger.exception("%s failed", request.path_info)
        told, ok = {}, False
    return JsonResponse({"ok": ok, **told}, status=200 if ok else UNAVAILABLE, headers=headers)


def serving() -> Answer:
    """Whether this process can serve pages. It can while a read model has stopped, the event store is away
    or the disk is full: all processes share those troubles, and taking them out of service would end what
    still works. It also can while it is busy: taking it out would only make its neighbours busy."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        if trouble_of(error) is not Trouble.BUSY:
            raise
    return {"database": True}, True


def alarms() -> Answer:
    """Whether somebody has to look: the database or the event store does not answer or takes no writes, or
    a read model has stopped. Says how far each read model and reaction has come, but nothing of their
    contents. Events that a reaction has parked wait for somebody, but hold up nothing else."""
    told: dict[str, Any] = {"database": True, "event_store": True}
    try:
        found, reactions = conditions(), reaction_conditions()
    except (Unreachable, Declined):
        return {**told, "event_store": False}, False
    told["read_models"] = {each.name: {**as_json(each), "stopped": each.stopped} for each in found}
    told["reactions"] = {
        each.name: {
            **as_json(each),
            "retrying": each.retrying,
            "parked": each.parked,
            "away": bool(each.away),
        }
        for each in reactions
    }
    try:
        try_to_write()
    except Error as error:
        trouble = trouble_of(error)
        return {**told, "writes": False, "trouble": trouble.name.lower() if trouble else "unknown"}, False
    return {**told, "writes": True}, not any(each.stopped for each in found)


def as_json(condition: Condition | ReactionCondition) -> dict[str, Any]:
    """How far one has come; anybody may know that. `exact` says whether the lag is exact or a lower bound."""
    lag = condition.lag
    counted = {"lag": lag.events, "exact": lag.is_exact, "seconds": round(lag.seconds, 1)}
    return {"position": condition.position, **counted}


ANSWERS: dict[str, Callable[[], Answer]] = {"/health/": serving, "/health/alarms/": alarms}
