"""Who may do what: one table, which both the pages and the API obey."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from accounts.features import Feature


class Principal(Protocol):
    """Who asks for something: a person who has signed in, or a program with a token."""

    @property
    def actor(self) -> str:
        """How events name them."""
        ...

    @property
    def is_superuser(self) -> bool:
        """Whether they may do everything."""
        ...

    @property
    def operative_id(self) -> UUID | None:
        """The operative that they are, if they are one."""
        ...

    @property
    def features(self) -> Collection[Feature]:
        """Everything that they may do. There may be names that this code does not know."""
        ...


@dataclass(frozen=True)
class Rule:
    """Who may: anybody, only superusers, anybody who has signed in, or those who have one of the features.

    With `own_operative`, also a person who has Do work and is the operative that the address names.
    """

    public: bool = False
    superuser: bool = False
    features: frozenset[Feature] = frozenset()
    own_operative: bool = False

    def allows(self, who: Principal, named: dict[str, Any]) -> bool:
        """Whether they may, at an address with these parameters."""
        if self.superuser:
            return who.is_superuser
        if self.public or not (self.features or self.own_operative):
            return True
        if not self.features.isdisjoint(who.features):
            return True
        does = self.own_operative and Feature.DO_WORK in who.features
        return does and is_own(who, named.get("operative_id"))


def is_own(who: Principal, operative_id: UUID | None) -> bool:
    """Whether they are this operative."""
    return operative_id is not None and who.operative_id == operative_id


def anyone_with(*features: Feature, own_operative: bool = False) -> Rule:
    """A rule for those who have one of the features."""
    return Rule(features=frozenset(features), own_operative=own_operative)


ANYBODY = Rule(public=True)
SIGNED_IN = Rule()
SUPERUSER = Rule(superuser=True)

SEE_WORK = SIGNED_IN
RAISE_WORK = anyone_with(Feature.RAISE_WORK)
ASSIGN_WORK = anyone_with(Feature.ASSIGN_WORK)
# An operative takes the steps of their own work only: the step itself checks whose it is.
DO_WORK = anyone_with(Feature.ASSIGN_WORK, Feature.DO_WORK)
# Those who may make a change may undo their own: the undo itself checks which change it was.
UNDO_WORK = anyone_with(Feature.RAISE_WORK, Feature.ASSIGN_WORK, Feature.DO_WORK)
SEE_ROSTER = anyone_with(Feature.ASSIGN_WORK, Feature.DO_WORK)
SEE_QUEUE = anyone_with(Feature.ASSIGN_WORK, own_operative=True)

SEE_OPERATIVES = anyone_with(Feature.ASSIGN_WORK, Feature.DO_WORK, Feature.MANAGE_OPERATIVES)
MANAGE_OPERATIVES = anyone_with(Feature.MANAGE_OPERATIVES)
SEE_SITES = anyone_with(Feature.RAISE_WORK, Feature.MANAGE_SITES)
MANAGE_SITES = anyone_with(Feature.MANAGE_SITES)

SEE_PRODUCTS = anyone_with(Feature.MANAGE_PRODUCTS, Feature.PLACE_ORDERS)
MANAGE_PRODUCTS = anyone_with(Feature.MANAGE_PRODUCTS)

PLACE_ORDERS = anyone_with(Feature.PLACE_ORDERS)
SEE_ORDERS = anyone_with(Feature.PLACE_ORDERS, Feature.MANAGE_ORDERS)
# The person who placed an order may cancel it: the step itself checks whose it is.
CANCEL_ORDERS = SEE_ORDERS
SHIP_ORDERS = anyone_with(Feature.MANAGE_ORDERS)
SEE_BUYERS = anyone_with(Feature.MANAGE_ORDERS)
# To choose where an order goes; others choose among the sites of its job.
FIND_SITES = anyone_with(Feature.RAISE_WORK, Feature.MANAGE_SITES, Feature.MANAGE_ORDERS)

SEE_EVENTS = anyone_with(Feature.SEE_EVENTS)
MANAGE_INTEGRATION = anyone_with(Feature.MANAGE_INTEGRATION)
MANAGE_PERMISSIONS = anyone_with(Feature.MANAGE_PERMISSIONS)
ADMINISTER = anyone_with(
    Feature.MANAGE_OPERATIVES, Feature.MANAGE_SITES, Feature.MANAGE_INTEGRATION, Feature.MANAGE_PERMISSIONS
)
