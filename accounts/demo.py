"""The demo accounts: one for each ready-made role, with a password that everybody knows."""

from django.conf import settings
from django.db import transaction

from accounts.features import READY_MADE
from accounts.models import Role, User

PASSWORD = "demo"  # noqa: S105  public on purpose; why these accounts exist with DEBUG alone
ROLES = {
    "response": "Response",
    "control": "Control",
    "operative": "Operative",
    "administration": "Administration",
}


class NotForProduction(Exception):
    """Demo accounts were asked for without DEBUG."""


def demo_accounts() -> dict[str, User]:
    """The demo accounts by their names; missing ones are made.

    An account that exists is left as it is. Raises NotForProduction unless DEBUG is set.
    """
    if not settings.DEBUG:
        raise NotForProduction
    with transaction.atomic():
        return {name: _account(name, role) for name, role in ROLES.items()}


def _account(name: str, role: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create_user(name, password=PASSWORD)
        features = [feature.value for feature in READY_MADE[role]]
        user.roles.add(Role.objects.get_or_create(name=role, defaults={"features": features})[0])
    return user
