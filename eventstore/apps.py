from django.apps import AppConfig


class EventStoreConfig(AppConfig):
    name = "eventstore"

    def ready(self) -> None:
        from eventstore import checks  # noqa: F401  registers the system checks
