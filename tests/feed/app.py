"""Callout with other times and sizes, if the environment says so: SILENCE, SIZE, PATIENCE, LIFE."""

import os

from django.conf import settings

from config import asgi
from config.asgi import application
from eventstore.feed import broadcast
from pages import event_stream

__all__ = ["application"]

# As the tests hash passwords (tests/conftest.py).
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

for name, module, kind in (
    ("PATIENCE", asgi, float),
    ("SIZE", broadcast, int),
    ("SILENCE", broadcast, float),
    ("SILENCE", event_stream, float),
    ("LIFE", event_stream, float),
):
    if name in os.environ:
        setattr(module, name, kind(os.environ[name]))
