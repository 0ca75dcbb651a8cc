"""Callout whose worker kills itself just after publishing, once, if the file that DIE names is there."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as CALLOUTS

INSTALLED_APPS = [*CALLOUTS, "tests.integration.dying_worker.DyingConfig"]
