"""Whom an event's actor stands for."""

from collections.abc import Iterable

from django.db.models import Value
from django.db.models.functions import Concat, Trim

from accounts.models import User


def people_of(actors: Iterable[str]) -> dict[str, User]:
    """Who each actor is; those who never signed in are left out."""
    numbers = {each.removeprefix("user-") for each in actors}
    keys = [int(number) for number in numbers if number.isdecimal()]
    return {user.actor: user for user in User.objects.filter(pk__in=keys)}


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The name of each actor: of a person where it is one that signs in, else as it is stored."""
    actors = set(actors)
    people = people_of(actors)
    return {actor: str(people.get(actor, actor)) for actor in actors}


def people_named(text: str) -> list[User]:
    """Who signs in by this name; else everybody who goes by it, in any case."""
    one = User.objects.filter(username=text)
    goes_by = Trim(Concat("first_name", Value(" "), "last_name"))
    return list(one) or list(User.objects.annotate(goes_by=goes_by).filter(goes_by__iexact=text))
