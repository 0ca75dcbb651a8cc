from django.apps import AppConfig
from django.conf import settings


class IntegrationConfig(AppConfig):
    name = "integration"

    def ready(self) -> None:
        from eventstore.worker.follow import beside
        from integration import bus, webhooks  # noqa: F401  connects the webhooks' reaction
        from integration.sender import send

        beside.append(send)
        if settings.EVENT_BUS_URL:
            bus.connect()
