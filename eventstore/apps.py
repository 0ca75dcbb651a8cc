from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class EventStoreConfig(AppConfig):
    name = "eventstore"

    def ready(self) -> None:
        from eventstore import checks as events  # noqa: F401  registers the system check of events
        from eventstore.current import current_store
        from eventstore.database import name  # noqa: F401  refuses a bad one
        from eventstore.database.pooler import refuse_pooler
        from eventstore.database.sql import once_more
        from eventstore.projections import checks, inline  # noqa: F401  registers the system checks

        refuse_pooler()

        def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
            if once_more not in connection.execute_wrappers:
                connection.execute_wrappers.append(once_more)

        connection_created.connect(watch, weak=False)
        if settings.PROJECTION == "inline":
            inline.connect()
        if settings.EVENT_STORE_URL:
            try:
                current_store()
            except ValueError as error:  # the error's text may contain the password
                why = "see docs/settings.md" if "@" in settings.EVENT_STORE_URL else error
                raise ImproperlyConfigured(f"EVENT_STORE_URL cannot be read: {why}.") from None
