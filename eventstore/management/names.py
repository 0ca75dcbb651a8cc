"""Read models and reactions as a command line names them."""

from collections.abc import Mapping
from typing import TypeVar

from django.core.management.base import CommandError

T = TypeVar("T")


def named(names: list[str], among: Mapping[str, T], noun: str = "read model") -> list[T]:
    """Those with these names. Raises CommandError, listing all that there are, when a name is unknown."""
    for name in names:
        if name not in among:
            known = ", ".join(sorted(among))
            raise CommandError(
                f"There is no {noun} {name}; there are {known}."
                if name
                else f"Name a {noun} (or --all): {known}."
            )
    return [among[name] for name in names]
