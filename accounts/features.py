"""What a person may be allowed to do, and the roles that come ready-made."""

from enum import StrEnum


class Feature(StrEnum):
    """Something that a role can allow. The values are stored."""

    RAISE_WORK = "raise_work"
    ASSIGN_WORK = "assign_work"
    DO_WORK = "do_work"
    MANAGE_OPERATIVES = "manage_operatives"
    MANAGE_SITES = "manage_sites"
    PLACE_ORDERS = "place_orders"
    MANAGE_ORDERS = "manage_orders"
    MANAGE_PRODUCTS = "manage_products"
    MANAGE_INTEGRATION = "manage_integration"
    SEE_EVENTS = "see_events"
    MANAGE_PERMISSIONS = "manage_permissions"

    @property
    def label(self) -> str:
        """The text for people."""
        return self.value.replace("_", " ").capitalize()


READY_MADE: dict[str, tuple[Feature, ...]] = {
    "Response": (Feature.RAISE_WORK, Feature.PLACE_ORDERS),
    "Control": (Feature.ASSIGN_WORK, Feature.PLACE_ORDERS, Feature.MANAGE_ORDERS),
    "Operative": (Feature.DO_WORK, Feature.PLACE_ORDERS),
    "Administration": (
        Feature.MANAGE_OPERATIVES,
        Feature.MANAGE_SITES,
        Feature.MANAGE_PRODUCTS,
        Feature.MANAGE_ORDERS,
        Feature.MANAGE_INTEGRATION,
        Feature.SEE_EVENTS,
        Feature.MANAGE_PERMISSIONS,
    ),
}
