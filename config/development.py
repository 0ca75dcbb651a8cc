"""The settings of `make run`, kept for commands that are typed later (docs/adr/0030).

`make run` writes the file; only manage.py reads it. A server never does. If the environment sets any
variable of Callout, the file is ignored, so that a production machine cannot inherit DEBUG, a key or a
database from it.
"""

import os
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / ".env.development"

# Every variable of config/settings.py; a test compares.
VARIABLES = (
    "ALLOWED_HOSTS",
    "API_RATE",
    "BEHIND_PROXY",
    "CACHE_URL",
    "COMMAND_DIGEST_KEY",
    "CSRF_TRUSTED_ORIGINS",
    "CURRENCY",
    "DATABASE_POOL",
    "DATABASE_POOLER",
    "DATABASE_URL",
    "DEBUG",
    "EMAIL_FROM",
    "EMAIL_URL",
    "EVENT_BUS_URL",
    "EVENT_STORE_NAME",
    "EVENT_STORE_PREFIX",
    "EVENT_STORE_URL",
    "LOW_STOCK",
    "ORDER_GRACE_SECONDS",
    "PAYMENT_SIMULATION",
    "PROJECTION",
    "SECRET_KEY",
    "SECURE_SSL_REDIRECT",
    "SERVES_PEOPLE",
    "STREAMS_AT_ONCE",
    "TIME_ZONE",
    "WEBHOOKS_TO_PRIVATE_ADDRESSES",
)


def read() -> None:
    """Set the variables that the file holds, if the environment sets none of them."""
    if FILE.exists() and not any(name in os.environ for name in VARIABLES):
        lines = FILE.read_text(encoding="utf-8").splitlines()
        os.environ.update(dict(line.split("=", 1) for line in lines if not line.startswith("#")))


def write() -> None:
    """Write what the environment sets; only the owner may read it, because a URL may hold a password."""
    lines = ["# Written by make run, read by manage.py where the environment sets no variable of Callout."]
    lines += [f"{name}={os.environ[name]}" for name in VARIABLES if name in os.environ]
    FILE.unlink(missing_ok=True)
    FILE.touch(mode=0o600)
    FILE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    write()
