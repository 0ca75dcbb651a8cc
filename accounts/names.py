"""Whom an event's actor stands for."""

from collections.abc import Iterable

from accounts.models import User


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The name of each actor: of a person where it is one that signs in, else as it is stored."""
    actors = set(actors)
    keys = [int(each.removeprefix("user-")) for each in actors if each.removeprefix("user-").isdecimal()]
    people = {user.actor: str(user) for user in User.objects.filter(pk__in=keys)}
    return {actor: people.get(actor, actor) for actor in actors}
