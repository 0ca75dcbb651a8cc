"""What is for one person is kept by nobody else: not by a cache between, nor on a machine that others use."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase

KEPT_BY_NOBODY = "private, no-store"


class PrivateMiddleware:
    """Says so of every answer for which somebody looked who asks, and that says nothing of its own."""

    def __init__(self, get_response: Callable[[Any], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        if request.session.accessed or "Authorization" in request.headers:
            response.headers.setdefault("Cache-Control", KEPT_BY_NOBODY)
        return response
