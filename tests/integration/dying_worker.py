"""A worker that dies in the worst moment: after publishing, before its checkpoint says so."""

import os
import signal
from pathlib import Path
from typing import Any

from django.apps import AppConfig


class DyingConfig(AppConfig):
    name = "tests.integration.dying_worker"
    label = "dying"

    def ready(self) -> None:
        from integration.broker import Broker

        publish = Broker.publish

        def publish_and_die(self: Broker, event: Any) -> None:
            publish(self, event)
            fuse = Path(os.environ["DIE"])
            if event.get_type().endswith(".assigned.v1") and fuse.exists():
                fuse.unlink()
                os.kill(os.getpid(), signal.SIGKILL)

        Broker.publish = publish_and_die  # type: ignore[method-assign]
