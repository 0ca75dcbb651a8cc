"""Administration's sites."""

from django.urls import path

from sites import views

urlpatterns = [
    path("administration/sites/", views.sites, name="administration-sites"),
    path("administration/sites/<uuid:site_id>/", views.site, name="administration-site"),
    path("administration/sites/<uuid:site_id>/relinquish/", views.relinquish, name="relinquish-site"),
]
