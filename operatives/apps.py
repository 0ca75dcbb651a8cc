from django.apps import AppConfig


class OperativesConfig(AppConfig):
    name = "operatives"
