"""Callout with a reaction and a read model's updater that tests can poison; for worker processes."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as CALLOUTS

INSTALLED_APPS = [*CALLOUTS, "tests.worker.extras.ExtrasConfig"]
