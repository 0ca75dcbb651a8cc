"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from config.environment import exit_on_bad_setting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SERVES_PEOPLE", "1")  # as config/asgi.py
with exit_on_bad_setting():
    application = get_wsgi_application()
