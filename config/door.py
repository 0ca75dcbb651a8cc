"""The outermost middleware: machines ask for our health, programs for the API, people for pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from api.problems import PAGE, PREFIX, make_problem
from eventlog.health import ANSWERS, answer


class DoorMiddleware(GZipMiddleware):
    """Answers machines before everything else. Turns failures under /api/ that never reach the API itself
    into problems. Compresses only pages and their fragments: on a slow line the board arrives in a tenth of
    the time.

    A compressed stream would be held back until enough has come together. The tags of the API's answers
    would become weak, and a weak tag does not allow a change (If-Match). The CSRF token in a page is
    masked anew in each answer, and Django randomises the length, so that a page's size reveals nothing of
    it (BREACH).
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        find = ANSWERS.get(request.path_info)
        return answer(request, find) if find else None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        is_for_program = request.path_info.startswith(PREFIX) and request.path_info != PAGE
        if is_for_program and response.status_code >= 400:
            make_problem(response)
        is_page = response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page and not response.streaming else response
