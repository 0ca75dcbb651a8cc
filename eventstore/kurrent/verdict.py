"""What an error of the client says: that the server is away, that it does not know what became of an append,
or that it declines what was asked, however often."""

from typing import Any

from eventstore.kurrent.client import error as named
from eventstore.store import Declined, NoSuchPosition

ANY: type[Exception] = named("GrpcError").__mro__[1]
"""What the client's errors have in common. By itself it says "not ready", "too busy" or "no leader"."""
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
"""Codes of calls that were cut off here, or came to nobody, which the client has not always names for."""
NO_LEADER = "No leader info available"


class NoAnswer(Exception):
    """A server that is electing a leader, or is too busy, has not said what became of an append."""


AWAY = (*_AWAY, NoAnswer)


def of_append(error: Exception) -> Exception:
    """The client's error; NoAnswer where the server has answered an append with nothing that it decided."""
    told = error.args[0] if error.args else None
    # A refusal that the client has no name for comes as it was packed, with its type.
    is_refusal = not getattr(told, "type_url", "google.protobuf.Empty").endswith("google.protobuf.Empty")
    is_silent = type(error) is ANY and not is_refusal
    if is_silent or (isinstance(error, _UNDECIDED) and not code_of(error)):
        return NoAnswer(str(error) or type(error).__name__)
    return error


def declined(error: Exception, *, at: int | None = None) -> Declined | None:
    """What the server does not do, in words; None where it is away, or its answer is one that the caller
    knows. `at` is the position that was asked for."""
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
    """gRPC's status code; empty where the error carries none."""
    call: Any = error.args[0] if error.args else None
    return str(call.code().name) if hasattr(call, "code") else ""


def reason(error: BaseException) -> str:
    """In one line; gRPC's own errors print as several."""
    call: Any = error.args[0] if error.args else None
    if hasattr(call, "code") and hasattr(call, "details"):
        return f"{type(error).__name__}: {call.code().name}: {call.details()}"[:300]
    return f"{type(error).__name__}: {' '.join(str(error).split()) or 'no answer'}"[:300]
