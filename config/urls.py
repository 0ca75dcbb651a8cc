"""Every address, by app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("support.urls")),
    path("", include("operatives.urls")),
    path("", include("sites.urls")),
    path("", include("eventlog.urls")),
    path("admin/", admin.site.urls),
]
