"""The page where people read the API and try it, as the person who has signed in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from accounts import rules
from accounts.guard import allow
from pages.respond import StaffRequest


@allow(rules.SIGNED_IN)
@require_safe
def docs(request: StaffRequest) -> HttpResponse:
    """Every operation with its fields, errors and examples, and a button that sends it."""
    return render(request, "api/docs.html")


swagger = allow(rules.SIGNED_IN)(RedirectView.as_view(pattern_name="api-docs"))
"""The address where people usually look for it."""
