"""Administration's sites."""

from django.urls import path
from support.urls import soon

urlpatterns = [
    path("administration/sites/", soon, name="administration-sites"),
]
