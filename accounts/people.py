"""Everybody who signs in, in the order in which people look for names."""

from accounts.models import User
from readmodels import cursor
from readmodels.page import Page
from spelling.fold import kept
from spelling.name_order import sort_key
from spelling.wanted import among

LISTED, BY_USERNAME = "people", "accounts.user"
"""The names under which places in this list are sealed, now and when it had another order."""
Place = tuple[str, str]
"""By name, surname first, or by username if there is no name; people of the same name by username."""


def people(text: str, *, active: bool | None) -> list[User]:
    """People whose username or names contain every word, by name. They are few enough to be sorted here; a
    database does not sort names so."""
    found = User.objects.only("username", "first_name", "last_name")
    everybody = list(found if active is None else found.filter(is_active=active))
    names = {each.pk: kept(each.username, each.first_name, each.last_name) for each in everybody}
    wanted = among(names, text)
    return sorted((each for each in everybody if each.pk in wanted), key=place_of)


def page_of_people(found: list[User], after: str | None, size: int) -> Page[User]:
    """The page of these people that begins after the place, with the roles of each."""
    last = last_place(after)
    beyond = [each for each in found if last is None or place_of(each) > last]
    page = Page.of(beyond[: size + 1], size, lambda each: cursor.seal(LISTED, {"place": place_of(each)}))
    whole = User.objects.prefetch_related("roles").in_bulk([each.pk for each in page.rows])
    return Page([whole[each.pk] for each in page.rows if each.pk in whole], page.after)


def place_of(person: User) -> Place:
    """Where a person stands in the list."""
    names = [name for name in (person.last_name, person.first_name) if name.strip()]
    return sort_key(*names or [person.username]), person.username


def last_place(after: str | None) -> Place | None:
    """The place after which the page begins; None at the beginning, or if the text is no place. A place
    from when the list was sorted by username becomes that person's present place."""
    if given := cursor.unseal(LISTED, after or ""):
        by_name, username = given["place"]
        return by_name, username
    former = cursor.unseal(BY_USERNAME, after or "")
    key = str(former["pk"]) if former else after or ""
    known = User.objects.filter(pk=key[:18]).first() if key.isascii() and key.isdecimal() else None
    return place_of(known) if known else None
