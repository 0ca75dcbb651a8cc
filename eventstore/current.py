"""The store that the settings name."""

from functools import cache

from django.conf import settings

from eventstore.store import EventStore


@cache
def current_store() -> EventStore:
    """The store that the settings name."""
    # Imported here, because apps that use dispatch are loaded before the tables exist.
    if settings.EVENT_STORE_URL:
        from eventstore.kurrent.store import KurrentStore

        return KurrentStore(settings.EVENT_STORE_URL, prefix=settings.EVENT_STORE_PREFIX)
    from eventstore.embedded.store import EmbeddedStore

    return EmbeddedStore()
