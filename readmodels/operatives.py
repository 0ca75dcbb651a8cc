"""The operatives as they are now."""

from eventstore.read_models import ReadModel
from eventstore.rows import Rows
from eventstore.store import RecordedEvent
from operatives.events import OperativeHired, OperativeReleased, OperativeRenamed
from readmodels.models import OperativeRow

operatives = ReadModel("operatives", version=1, tables=[OperativeRow])


@operatives.on(OperativeHired)
def hired(event: OperativeHired, recorded: RecordedEvent, rows: Rows) -> None:
    rows.add(
        OperativeRow(
            operative_id=event.operative_id,
            forename=event.forename,
            surname=event.surname,
            hired_at=recorded.occurred_at,
        )
    )


@operatives.on(OperativeRenamed, loads={OperativeRow: "operative_id"})
def renamed(event: OperativeRenamed, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(OperativeRow, event.operative_id)
    row.forename = event.forename
    row.surname = event.surname


@operatives.on(OperativeReleased, loads={OperativeRow: "operative_id"})
def released(event: OperativeReleased, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(OperativeRow, event.operative_id).released_at = recorded.occurred_at
