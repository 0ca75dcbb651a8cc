from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from orders import mail, reactions  # noqa: F401  connects them
        from orders.card_numbers import holds_card_number
        from pages.secret_fields import STRAYED

        STRAYED["card_number"] = holds_card_number
