"""Every address, by app."""

from django.urls import include, path

from api.docs import swagger
from api.stream import stream
from pages.live import live
from readmodels.admin import site

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("support.urls")),
    path("", include("operatives.urls")),
    path("", include("sites.urls")),
    path("", include("products.urls")),
    path("", include("orders.urls")),
    path("", include("integration.urls")),
    path("", include("eventlog.urls")),
    path("live/", live, name="live"),
    path("api/events/stream", stream, name="event-stream"),
    path("api/", include("api.urls")),
    path("swagger", swagger, name="swagger"),
    path("admin/", site.urls),
]
