"""Signing in and out, the front door of Administration, and permissions."""

from django.urls import path
from support.urls import soon

from accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("theme/", views.theme, name="theme"),
    path("administration/", soon, name="administration"),
    path("administration/permissions/", soon, name="administration-permissions"),
]
