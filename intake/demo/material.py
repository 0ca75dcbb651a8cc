"""What the demo is made of: faults, people and places, from the TOML files beside this module."""

import tomllib
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TypeVar

import msgspec

from orders.events import CardType
from support.events import AbandonReason

T = TypeVar("T")


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the caller said about a fault, and how it ended: after a visit, or perhaps by telephone."""

    told: str
    done: str
    by_telephone: str = ""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that breaks. `weight` is how often, compared with the others; `minutes` is the time on
    site."""

    id: str
    title: str
    weight: int
    minutes: tuple[int, int]
    cases: tuple[Case, ...]
    several: bool = False
    urgent: bool = False

    def case(self, rng: Random, *, by_telephone: bool = False) -> Case:
        """A case of this fault; with `by_telephone`, one that can be settled by telephone."""
        return rng.choice([case for case in self.cases if case.by_telephone or not by_telephone])


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All faults, where they are noticed, and what operatives write when they give work back."""

    spots: tuple[str, ...]
    faults: tuple[Fault, ...]
    abandoning: dict[AbandonReason, tuple[str, ...]]

    def any(self, rng: Random) -> Fault:
        """A random fault; frequent ones come more often."""
        return rng.choices(self.faults, [fault.weight for fault in self.faults])[0]

    def named(self, fault_id: str) -> Fault:
        """The fault with this id."""
        return next(fault for fault in self.faults if fault.id == fault_id)


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of operatives and of callers."""

    forenames: tuple[str, ...]
    surnames: tuple[str, ...]
    callers: tuple[str, ...]


class Town(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A town: the beginning of its telephone numbers, and its districts with the first half of their post
    codes."""

    name: str
    dialling: str
    districts: dict[str, str]


class Places(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Towns, and what stands in them."""

    kinds: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[Town, ...]


class Article(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is sold. `units` is the smallest and largest number in one order, `weight` how often
    it is ordered."""

    id: str
    name: str
    price: Decimal
    stock: int
    units: tuple[int, int] = (1, 2)
    weight: int = 2


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who buys, and how they pay."""

    name: str
    email: str
    card: CardType
    last_four: str


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is sold, and the customers. The first customer buys the most."""

    articles: tuple[Article, ...]
    customers: tuple[Customer, ...]


def _load(name: str, shape: type[T]) -> T:
    return msgspec.convert(tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8")), shape)


FAULTS = _load("faults.toml", Faults)
PEOPLE = _load("people.toml", People)
CATALOGUE = _load("catalogue.toml", Catalogue)
PLACES = _load("places.toml", Places)
