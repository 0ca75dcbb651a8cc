"""Failures under /api/ that never reach the API itself become problems too."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from api.failures import NOT_JSON
from api.problems import MEANINGS, MEDIA_TYPE, problem, text_of

PREFIX, PAGE = "/api/", "/api/docs"
"""The addresses of programs; and the one page for people among them."""
SAFE = {"GET", "HEAD", "OPTIONS"}


class ProblemMiddleware:
    """The outermost: it turns any page that reports a failure into a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_for_programs(request) and response.status_code >= 400:
            make_problem(response)
        return response

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """A body must be JSON. Checked before anything reads it as something else."""
        if not is_for_programs(request) or request.method in SAFE:
            return None
        if request.content_type in ("", "application/json"):
            return None
        is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
        has_body = is_chunked or request.META.get("CONTENT_LENGTH") not in (None, "", "0")
        return problem(415, NOT_JSON) if has_body else None


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(PREFIX) and request.path_info != PAGE


def make_problem(response: HttpResponseBase) -> None:
    """Changes the answer in place, so that headers such as Allow and Retry-After stay."""
    if not isinstance(response, HttpResponse) or response.headers.get("Content-Type") == MEDIA_TYPE:
        return
    response.content = text_of(
        response.status_code, MEANINGS.get(response.status_code, response.reason_phrase)
    )
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Length"] = str(len(response.content))
