from typing import Any

from django.apps import AppConfig
from django.conf import settings


class ReadModelsConfig(AppConfig):
    name = "readmodels"

    def ready(self) -> None:
        from eventstore.signals import events_appended
        from readmodels import operatives, sites, work  # noqa: F401  connects their handlers

        if settings.PROJECTION == "inline":
            events_appended.connect(advance_inline, dispatch_uid="inline projection")


def advance_inline(**_: Any) -> None:
    """Advance every read model in the appending transaction, so that no page is ever stale."""
    from eventstore.projection import advance_here

    advance_here()
