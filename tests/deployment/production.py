"""The settings of production, with static files collected in STATIC_ROOT and not beside manage.py."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["STATIC_ROOT"])
