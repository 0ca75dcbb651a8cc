"""System checks: read models whose tables another version of the code has filled."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from eventstore.models import Checkpoint
from eventstore.projections.read_model import registry


@register(Tags.database)
def read_models_are_current(databases: Sequence[str] | None, **_: Any) -> list[CheckMessage]:
    """Name each read model that needs a rebuild, and each that has met an event that it could not take in."""
    if not databases or Checkpoint._meta.db_table not in connections["default"].introspection.table_names():
        return []
    found: list[CheckMessage] = []
    for checkpoint in Checkpoint.objects.filter(name__in=registry):
        name, version = checkpoint.name, registry[checkpoint.name].version
        if checkpoint.version != version:
            hint = f"Run: manage.py rebuild {name}"
            message = f"Read model {name} holds version {checkpoint.version}, the code is version {version}."
            found.append(checks.Warning(message, hint=hint, id="eventstore.W001"))
        if checkpoint.error:
            hint = f"Mend the cause, then run: manage.py project {name}"
            found.append(
                checks.Warning(
                    f"Read model {name} stopped: {checkpoint.error}", hint=hint, id="eventstore.W002"
                )
            )
    return found
