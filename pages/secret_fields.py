"""The fields whose values are carried nowhere: into no page, log or report, whatever happens to the form.
Everything that gives back what somebody typed obeys this one list, and so do error reports."""

from collections.abc import Callable, Iterable

SECRET_FIELDS = {
    "password": "Password",
    "secret": "Secret",
    "card_number": "Card number",
    "security_code": "Security code",
}
"""What the name of such a field is or contains, and what people call it."""

STRAYED: dict[str, Callable[[str], bool]] = {}
"""By the name of a secret field: whether a text contains what belongs into that field. If a form has the
field, its other fields are carried without such a text."""

Fields = list[tuple[str, str]]


def is_secret(name: str) -> bool:
    """Whether the value of a field with this name is carried nowhere."""
    return any(each in name.lower() for each in SECRET_FIELDS)


def without_secrets(fields: Iterable[tuple[str, str]]) -> Fields:
    """The fields that may be carried."""
    given = list(fields)
    has_strayed = [check for name, check in STRAYED.items() if any(field == name for field, _ in given)]
    return [
        (name, value)
        for name, value in given
        if not is_secret(name) and not any(check(value) for check in has_strayed)
    ]


def label_of(name: str) -> str:
    """What people call this secret field."""
    return next(label for part, label in SECRET_FIELDS.items() if part in name.lower())


def left_out(names: Iterable[str]) -> list[str]:
    """What people call the secret fields among these."""
    return list(dict.fromkeys(label_of(name) for name in names if is_secret(name)))
