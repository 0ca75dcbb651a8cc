"""Whom an event's actor stands for."""

from collections.abc import Iterable

from accounts.models import Token, User
from spelling.fold import fold

LONGEST = 19
"""More digits than any key has: an event from elsewhere may contain anything."""


def known_by(actors: Iterable[str]) -> dict[str, User | Token]:
    """The person or program of each actor; those who never signed in are left out."""
    actors = set(actors)
    people, programs = keys_of("user-", actors), keys_of("token-", actors)
    found: list[User | Token] = list(User.objects.filter(pk__in=people)) if people else []
    if programs:
        found += Token.objects.filter(pk__in=programs)
    return {each.actor: each for each in found}


def keys_of(kind: str, actors: Iterable[str]) -> list[int]:
    """The keys of the actors of one kind."""
    numbers = (each.removeprefix(kind) for each in actors if each.startswith(kind))
    return [int(number) for number in numbers if number.isdecimal() and len(number) < LONGEST]


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The name of each actor: of the person or program that signs in, otherwise the text as stored."""
    actors = set(actors)
    known = known_by(actors)
    return {actor: str(known.get(actor, actor)) for actor in actors}


def people_named(text: str) -> list[User]:
    """The person who signs in with this name; if there is none, everybody with this name, however it is
    spelt."""
    one, meant = User.objects.filter(username=text), fold(text)
    everybody = User.objects.only("username", "first_name", "last_name")
    return list(one) or [each for each in everybody if meant and fold(each.get_full_name()) == meant]
