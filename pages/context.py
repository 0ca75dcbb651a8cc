"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest

from accounts.features import Feature
from accounts.models import User
from eventstore.worker.health import stopped
from pages.secret_fields import SECRET_FIELDS

THEMES = ("auto", "light", "dark")


def chrome(request: HttpRequest) -> dict[str, Any]:
    """`may`: what the person may do, by feature name. `theme`: auto, light or dark. `stopped`: the read
    models that have stopped; only looked up if a template asks. `secret_fields`: what no script may keep
    either."""
    user = getattr(request, "user", None)
    held = user.features if isinstance(user, User) else frozenset()
    theme = request.COOKIES.get("theme", "auto")
    return {
        "may": {feature.value: feature in held for feature in Feature},
        "theme": theme if theme in THEMES else "auto",
        "stopped": stopped,
        "secret_fields": " ".join(SECRET_FIELDS),
    }
