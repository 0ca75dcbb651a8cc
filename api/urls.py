"""The API's addresses."""

from django.urls import path

from api.api import api
from api.docs import docs

urlpatterns = [
    path("docs", docs, name="api-docs"),
    path("", api.urls),
]
