"""Every address, by app."""

from django.urls import include, path

from readmodels.admin import site

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("support.urls")),
    path("", include("operatives.urls")),
    path("", include("sites.urls")),
    path("", include("eventlog.urls")),
    path("admin/", site.urls),
]
