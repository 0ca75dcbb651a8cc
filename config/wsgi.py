"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from config.environment import exit_on_bad_setting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
with exit_on_bad_setting():
    application = get_wsgi_application()
