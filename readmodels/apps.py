from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings

from eventstore.bell import Stumbled
from eventstore.store import RecordedEvent


class ReadModelsConfig(AppConfig):
    name = "readmodels"
    verbose_name = "Read models"

    def ready(self) -> None:
        from eventstore.bell import events_appended
        from readmodels import buyers, operatives, orders, products, sites, work  # noqa: F401  connects them

        if settings.PROJECTION == "inline":
            events_appended.connect(advance_inline, dispatch_uid="inline projection")


def advance_inline(events: Sequence[RecordedEvent], careful: bool, **_: Any) -> None:
    """Advance every read model in the appending transaction, so that pages are never stale."""
    from eventstore.database.trouble import trouble_of
    from eventstore.projections.advance import advance_here, take_in_at_once
    from eventstore.projections.read_model import registry

    if careful:
        advance_here(registry.values())
        return
    try:
        take_in_at_once(registry.values(), events)
    except Exception as error:
        if trouble_of(error):
            raise  # the long way would meet the same
        raise Stumbled from error
