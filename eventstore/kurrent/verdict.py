"""What an error of the client means: the server is away, or it does not know what became of an append, or
it will never do what was asked."""

from typing import Any

from eventstore.kurrent.client import error as named
from eventstore.store import Declined, NoSuchPosition

ANY: type[Exception] = named("GrpcError").__mro__[1]
"""The base class of the client's errors. Raised by itself it means "not ready", "too busy" or "no leader"."""
NOT_FOUND, WRONG_VERSION = named("NotFound"), named("WrongCurrentVersion")
NOT_LEADER = named("NodeIsNotLeader")
CANNOT_CONNECT = (named("DiscoveryFailed"), NOT_LEADER)
DEADLINE = named("GrpcDeadlineExceeded")
_AWAY = (
    *CANNOT_CONNECT,
    DEADLINE,
    named("AbortedByServer"),
    named("CancelledByClient"),
    named("ConsumerTooSlow"),
    named("ExceptionThrownByHandler"),
    named("InternalError"),
    named("ServiceUnavailable"),
)
_UNDECIDED = (named("AppendDeadlineExceeded"), named("UnknownError"))
_DENIED = {"PERMISSION_DENIED", "UNAUTHENTICATED", "AccessDeniedError", "UnauthenticatedError"}
_UNSAID = {"CANCELLED", "UNAVAILABLE"}
"""Codes of calls that were cancelled here, or reached no server. The client does not always have an
exception for them."""
NO_LEADER = "No leader info available"


class NoAnswer(Exception):
    """The server is electing a leader or is too busy, and has not said what became of an append."""


AWAY = (*_AWAY, NoAnswer)


def of_append(error: Exception) -> Exception:
    """The client's error; NoAnswer if the server has answered an append without deciding it."""
    told = error.args[0] if error.args else None
    # A refusal for which the client has no exception comes in its packed form, with its type.
    is_refusal = not getattr(told, "type_url", "google.protobuf.Empty").endswith("google.protobuf.Empty")
    is_silent = type(error) is ANY and not is_refusal
    if is_silent or (isinstance(error, _UNDECIDED) and not code_of(error)):
        return NoAnswer(str(error) or type(error).__name__)
    return error


def declined(error: Exception, *, at: int | None = None) -> Declined | None:
    """What the server refuses, in words; None if it is away, or if the caller knows this answer. `at` is
    the position that was asked for."""
    said = reason(error)
    if isinstance(error, (*AWAY, NOT_FOUND, WRONG_VERSION)) or code_of(error) in _UNSAID or NO_LEADER in said:
        return None
    if at and any(
        word in said for word in ("InvalidPosition", "InvalidCommitPosition", "invalid position", str(at))
    ):
        return NoSuchPosition(at)
    if code_of(error) in _DENIED or type(error).__name__ in _DENIED:
        return Declined(
            f"KurrentDB denies access ({said}): docs/production.md says what its user must be allowed"
        )
    if "RESOURCE_EXHAUSTED" in said or "SizeExceeded" in said:
        return Declined(f"KurrentDB takes no append of this size ({said})")
    if "Deleted" in type(error).__name__ or "Tombstoned" in type(error).__name__:
        return Declined("The stream was deleted for good: KurrentDB neither reads it nor appends to it")
    return Declined(f"KurrentDB declines ({said})")


def code_of(error: BaseException) -> str:
    """gRPC's status code; empty if the error has none."""
    call: Any = error.args[0] if error.args else None
    return str(call.code().name) if hasattr(call, "code") else ""


def reason(error: BaseException) -> str:
    """The error in one line; gRPC's own errors print as several."""
    call: Any = error.args[0] if error.args else None
    if hasattr(call, "code") and hasattr(call, "details"):
        return f"{type(error).__name__}: {call.code().name}: {call.details()}"[:300]
    return f"{type(error).__name__}: {' '.join(str(error).split()) or 'no answer'}"[:300]
