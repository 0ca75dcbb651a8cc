"""What happens to an operative."""

from typing import Annotated
from uuid import UUID

from eventstore.events import Means, event

OperativeId = Annotated[UUID, Means("the operative")]
Forename = Annotated[str, Means("the name they go by", personal="operative")]
Surname = Annotated[str, Means("their family's name", personal="operative")]


@event("OperativeHired")
class OperativeHired:
    """Somebody began to work for us."""

    operative_id: OperativeId
    forename: Forename
    surname: Surname


@event("OperativeRenamed")
class OperativeRenamed:
    """They are called otherwise, or were misspelt; this is the whole name."""

    operative_id: OperativeId
    forename: Forename
    surname: Surname


@event("OperativeReleased")
class OperativeReleased:
    """They left. Their history stays."""

    operative_id: OperativeId


OperativeEvent = OperativeHired | OperativeRenamed | OperativeReleased
