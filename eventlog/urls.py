"""Every stored event, and the state of the read models."""

from django.urls import path

from eventlog import reactions, views

urlpatterns = [
    path("events/", views.events, name="events"),
    path("administration/health/", views.read_models, name="administration-health"),
    path("administration/reactions/", reactions.reactions, name="reactions"),
    path("administration/reactions/<int:parked_id>/retry/", reactions.retry, name="retry-reaction"),
    path(
        "administration/reactions/<int:parked_id>/dismiss/", reactions.dismiss_event, name="dismiss-reaction"
    ),
]
