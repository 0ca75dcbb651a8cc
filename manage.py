#!/usr/bin/env python
"""Django's command line for Callout."""

import os
import sys

from django.core.management import execute_from_command_line

from config import development
from config.environment import exit_on_bad_setting, exit_while_away

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    development.read()
    with exit_on_bad_setting(), exit_while_away():
        execute_from_command_line(sys.argv)
