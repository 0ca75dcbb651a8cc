"""A read table may have any of Django's fields: a handler finds the value that another has put in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.test.utils import isolate_apps

from eventstore.database import sql
from eventstore.projections.unit_of_work import Rows, table_of

pytestmark = pytest.mark.django_db(transaction=True)

VALUES: dict[str, list[Any]] = {
    "amount": [Decimal("12.50"), Decimal("-0.01"), None],
    "day": [date(2026, 3, 29), date(1999, 12, 31), None],
    "at": [datetime(2026, 3, 29, 1, 30, 0, 5, UTC), datetime(1999, 12, 31, tzinfo=UTC), None],
    "clock": [time(23, 59, 59, 999999), time(0), None],
    "span": [timedelta(days=-3, microseconds=1), timedelta(0), None],
    "ratio": [0.1, -1e-9, None],
    "count": [2147483647, 0, None],
    "data": [{"a": [1, None, 'ä"\\']}, "text", None],
    "with_times": [{"at": "2026-03-29T01:30:00Z"}, [], None],
    "raw": [b"\x00\xff\\", b"", None],
    "other": [UUID(int=7), UUID(int=2**128 - 1), None],
    "host": ["2001:db8::1", "192.0.2.7", None],
}


@pytest.fixture
def anything() -> Iterator[type[models.Model]]:
    """A table with a column of each kind."""
    with isolate_apps("readmodels"):

        class Anything(models.Model):  # noqa: DJ008  nobody prints it
            key = models.CharField(max_length=20, primary_key=True)
            amount = models.DecimalField(max_digits=9, decimal_places=2, null=True)
            day = models.DateField(null=True)
            at = models.DateTimeField(null=True)
            clock = models.TimeField(null=True)
            span = models.DurationField(null=True)
            ratio = models.FloatField(null=True)
            count = models.PositiveIntegerField(null=True)
            data = models.JSONField(null=True)
            with_times = models.JSONField(null=True, encoder=DjangoJSONEncoder)
            raw = models.BinaryField(null=True)
            other = models.UUIDField(null=True)
            host = models.GenericIPAddressField(null=True)

            class Meta:
                app_label = "readmodels"

        with connection.schema_editor() as editor:
            editor.create_model(Anything)
        yield Anything
        with connection.schema_editor() as editor:
            editor.delete_model(Anything)
    table_of.cache_clear()


def write(rows: Rows) -> None:
    for each in rows.writes():
        sql.write([each])


def held(table: type[models.Model], key: str) -> dict[str, Any]:
    """What a later batch finds, and what Django itself finds."""
    found, django = Rows().find(table, key), table._default_manager.get(pk=key)
    assert found is not None
    values = {name: getattr(found, name) for name in VALUES}
    values["raw"] = None if values["raw"] is None else bytes(values["raw"])
    for name in VALUES.keys() - {"raw"}:
        assert getattr(django, name) == values[name]
    return values


def test_what_was_put_in_is_found_again(anything: type[models.Model]) -> None:
    rows = Rows()
    for index, key in enumerate(("first", "second", "empty")):
        rows.add(anything(key=key, **{name: values[index] for name, values in VALUES.items()}))
    write(rows)
    for index, key in enumerate(("first", "second", "empty")):
        assert held(anything, key) == {name: values[index] for name, values in VALUES.items()}


@pytest.mark.parametrize("keys", [["first"], ["first", "second"]], ids=["one row", "several rows"])
@pytest.mark.parametrize("name", VALUES)
def test_a_change_of_one_column_is_written(anything: type[models.Model], name: str, keys: list[str]) -> None:
    rows = Rows()
    for key in keys:
        rows.add(anything(key=key, **{each: values[0] for each, values in VALUES.items()}))
    write(rows)
    rows = Rows()
    for key in keys:
        setattr(rows.get(anything, key), name, VALUES[name][1])
    write(rows)
    for key in keys:
        assert held(anything, key) == {
            each: values[1 if each == name else 0] for each, values in VALUES.items()
        }
