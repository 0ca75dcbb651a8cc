"""How gunicorn serves Callout in production: `python -m config.serve`.

Its own settings are separate from Django's and read one variable: WEB_CONCURRENCY, the number of
processes. The image makes it listen on every address of its container: `--bind` on the command line
overrides this file.
"""

import os

wsgi_app = "config.asgi:application"
# Only this machine: a proxy that speaks HTTPS faces the world.
bind = "127.0.0.1:8000"

# ASGI, for streams that last (docs/adr/0018). A request has a thread of its own, and mostly waits: for the
# database, for the event store, or for a read model to catch up.
worker_class = "config.worker.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))

# The event store's gRPC channel does not survive a fork, so each worker loads the application itself.
preload_app = False

# Seconds that requests in flight have after SIGTERM; streams end at once. compose.yaml waits a little
# longer before it kills. Workers are not restarted after a number of requests, because nobody would tell
# the streams.
graceful_timeout = 30

# Seconds between two requests on one connection: a proxy keeps its own.
keepalive = 5

# config/asgi.py writes the log line of a request.
accesslog = None

# No command socket: it would need a home directory, and signals do what is needed.
control_socket_disable = True


def on_starting(_: object) -> None:
    """Check the settings once, before there are workers that would fail and be restarted for ever."""
    from config import environment

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with environment.exit_on_bad_setting():
        environment.processes("WEB_CONCURRENCY")
        from config import settings  # noqa: F401
        from eventstore.database.pooler import refuse_pooler

        refuse_pooler()
