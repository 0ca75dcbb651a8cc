"""Every stored event."""

from django.urls import path
from support.urls import soon

urlpatterns = [
    path("events/", soon, name="events"),
]
