"""The operatives as they are now."""

from eventstore.projections.read_model import ReadModel
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent
from operatives.events import OperativeHired, OperativeReleased, OperativeRenamed
from readmodels.models import OperativeRow, OperativeText, OperativeWord
from readmodels.texts import add_text, change_text
from spelling.name_order import sort_key

operatives = ReadModel("operatives", version=3, tables=[OperativeRow, OperativeText, OperativeWord])


@operatives.on(OperativeHired)
def hired(event: OperativeHired, recorded: RecordedEvent, rows: Rows) -> None:
    rows.add(
        OperativeRow(
            operative_id=event.operative_id,
            forename=event.forename,
            surname=event.surname,
            sort_key=sort_key(event.surname, event.forename),
            hired_at=recorded.occurred_at,
        )
    )
    add_text(rows, OperativeText, event.operative_id, event.forename, event.surname)


@operatives.on(OperativeRenamed, loads={OperativeRow: "operative_id", OperativeText: "operative_id"})
def renamed(event: OperativeRenamed, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(OperativeRow, event.operative_id)
    row.forename = event.forename
    row.surname = event.surname
    row.sort_key = sort_key(event.surname, event.forename)
    change_text(rows, OperativeText, event.operative_id, event.forename, event.surname)


@operatives.on(OperativeReleased, loads={OperativeRow: "operative_id"})
def released(event: OperativeReleased, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(OperativeRow, event.operative_id).released_at = recorded.occurred_at
