"""What the latest changes to a job overwrote, kept in its row so that it can be put back.

An event that undoes another says what is undone, but not everything that there was before: times and
places in queues belong to the read model. So each change notes the few values that it overwrites, after
those that earlier changes noted.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from readmodels.models import WorkRow
from support.events import STEPS_KEPT


def change(row: WorkRow, **values: Any) -> None:
    """Set these fields, and note their old values."""
    held = {name: _plain(getattr(row, name)) for name in values}
    row.before = msgspec.json.encode([*noted(row), held][-STEPS_KEPT:]).decode()
    for name, value in values.items():
        setattr(row, name, value)


def put_back(row: WorkRow) -> None:
    """Set the fields of the latest change that is not undone back to their old values."""
    *earlier, latest = noted(row)
    for name, value in latest.items():
        field: Any = row._meta.get_field(name)
        setattr(row, name, field.to_python(value))
    row.before = msgspec.json.encode(earlier).decode() if earlier else ""


def noted(row: WorkRow) -> list[dict[str, Any]]:
    """What each change that can be undone overwrote, the newest last."""
    return msgspec.json.decode(row.before, type=list[dict[str, Any]]) if row.before else []


def _plain(value: Any) -> Any:
    """Times become UTC: one that comes from an event may have another zone than the same one from the
    database. A rebuild fetches fewer rows, and would note it differently from the live handlers."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value
