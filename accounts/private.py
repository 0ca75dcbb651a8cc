"""Answers for one person are stored by nobody else: not by a cache on the way, nor on a machine that
others use."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase

KEPT_BY_NOBODY = "private, no-store"


class PrivateMiddleware:
    """Marks every answer as private that depends on the person who asks, unless it has a cache header of
    its own."""

    def __init__(self, get_response: Callable[[Any], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        if request.session.accessed or "Authorization" in request.headers:
            response.headers.setdefault("Cache-Control", KEPT_BY_NOBODY)
        return response
