"""Who may do what, and the rules for changing it. Each change is one transaction; one that a rule forbids
raises Refused and changes nothing."""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.features import Feature
from accounts.models import Role, User
from eventstore.decider import Refused
from spelling.line import trimmed

P = ParamSpec("P")
R = TypeVar("R")

SAME_ROLE = "There is already a role of this name"
LAST = "Somebody must be able to manage permissions, and nobody else who can sign in may"


def changing(change: Callable[P, R]) -> Callable[P, R]:
    """Make the change only if afterwards somebody still may manage permissions."""

    @wraps(change)
    def changed(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            # One at a time: two people must not take the right from each other at the same moment.
            list(Role.objects.select_for_update().order_by("pk"))
            result = change(*args, **kwargs)
            if not can_be_managed():
                raise Refused(LAST)
            return result

    return changed


def can_be_managed() -> bool:
    """Whether anybody who can sign in may manage permissions."""
    roles = [role.pk for role in Role.objects.all() if Feature.MANAGE_PERMISSIONS in role.features]
    return User.objects.filter(Q(is_superuser=True) | Q(roles__in=roles), is_active=True).exists()


def must_be_allowed_to_change(user: User, by: User) -> None:
    """Nobody becomes a superuser through another's account."""
    if user.is_superuser and not by.is_superuser:
        raise Refused("Only a superuser may change a superuser's account")


@changing
def save_role(role: Role, name: str, features: Iterable[Feature]) -> None:
    """Make a role, or give it another name and other features."""
    name = trimmed(name)
    if not name:
        raise Refused("Role must have a name")
    if Role.objects.filter(name__iexact=name).exclude(pk=role.pk).exists():
        raise Refused(SAME_ROLE)
    role.name = name
    role.features = [feature.value for feature in Feature if feature in set(features)]
    role.save()


@changing
def delete_role(role: Role) -> None:
    """Only a role that nobody has can be deleted."""
    holders = role.users.count()
    if holders:
        people = "1 person has" if holders == 1 else f"{holders} people have"
        raise Refused(f"{role.name} cannot be deleted while {people} it")
    role.delete()


@changing
def give_roles(user: User, roles: Collection[Role], *, by: User) -> None:
    """Give these roles and no others."""
    must_be_allowed_to_change(user, by)
    user.roles.set(roles)


@changing
def set_active(user: User, *, active: bool, by: User) -> None:
    """Set whether the person can sign in. A person who is deactivated is signed out at once."""
    must_be_allowed_to_change(user, by)
    if user == by and not active:
        raise Refused("You cannot deactivate yourself")
    user.is_active = active
    user.save(update_fields=["is_active"])


def linked_to(operative_id: UUID) -> User | None:
    """The person who is this operative."""
    return User.objects.filter(operative_id=operative_id).first()


@transaction.atomic
def link_operative(user: User, operative_id: UUID | None, *, by: User) -> None:
    """Set which operative the person is; an operative is at most one person."""
    must_be_allowed_to_change(user, by)
    other = linked_to(operative_id) if operative_id else None
    if other is not None and other != user:
        raise Refused(f"This operative is already linked to {other} ({other.username})")
    user.operative_id = operative_id
    try:
        user.save(update_fields=["operative_id"])
    except IntegrityError:
        raise Refused("This operative has just been linked to somebody else") from None


@transaction.atomic
def set_password(user: User, password: str, *, by: User) -> None:
    """Set a password, and end every other session of the person."""
    must_be_allowed_to_change(user, by)
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def add_person(user: User, password: str, roles: Iterable[Role]) -> None:
    """Add a person, who can sign in with this password."""
    user.set_password(password)
    try:
        user.save()
    except IntegrityError:
        raise Refused("Somebody has just been given this username") from None
    user.roles.set(roles)
