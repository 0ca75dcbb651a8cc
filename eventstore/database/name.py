"""The name of the application, for what others come across: PostgreSQL's channel and schema, and archives."""

import re

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def checked(name: str) -> str:
    """The name, if PostgreSQL accepts it without quotes. Raises ImproperlyConfigured."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise ImproperlyConfigured(
            "EVENT_STORE_NAME must be up to 40 small letters, digits and underscores, and begin with a letter"
            f", not {name!r}."
        )
    return name


NAME = checked(getattr(settings, "EVENT_STORE_NAME", "eventstore"))
