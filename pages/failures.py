"""Failures that Django answers with an empty page."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import render

NOT_ALLOWED = 405


def show_wrong_method(request: HttpRequest, response: Any) -> None:
    """Say in a page that an address only takes forms, or takes none."""
    response.content = render(request, "405.html").content
