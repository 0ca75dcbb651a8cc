"""Every stored event, and how the read models are."""

from django.urls import path

from eventlog import views

urlpatterns = [
    path("events/", views.events, name="events"),
    path("health/", views.health, name="health"),
    path("administration/health/", views.read_models, name="administration-health"),
]
