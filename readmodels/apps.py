from django.apps import AppConfig


class ReadModelsConfig(AppConfig):
    name = "readmodels"
    verbose_name = "Read models"

    def ready(self) -> None:
        from readmodels import buyers, operatives, orders, products, sites, work  # noqa: F401  connects them
