"""The roster, and Administration's operatives."""

from django.urls import path

from operatives.views import administration, roster

urlpatterns = [
    path("operatives/", roster.roster, name="operatives"),
    path("administration/operatives/", administration.operatives, name="administration-operatives"),
    path(
        "administration/operatives/<uuid:operative_id>/",
        administration.operative,
        name="administration-operative",
    ),
    path(
        "administration/operatives/<uuid:operative_id>/release/",
        administration.release,
        name="release-operative",
    ),
]
