"""What happens to an operative."""

from uuid import UUID

from eventstore.events import event


@event("OperativeHired")
class OperativeHired:
    operative_id: UUID
    forename: str
    surname: str


@event("OperativeRenamed")
class OperativeRenamed:
    operative_id: UUID
    forename: str
    surname: str


@event("OperativeReleased")
class OperativeReleased:
    """They left. Their history stays."""

    operative_id: UUID


OperativeEvent = OperativeHired | OperativeRenamed | OperativeReleased
