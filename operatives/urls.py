"""The roster, and Administration's operatives."""

from django.urls import path
from support.urls import soon

urlpatterns = [
    path("operatives/", soon, name="operatives"),
    path("administration/operatives/", soon, name="administration-operatives"),
]
