"""How the pages look."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import rules
from accounts.guard import allow
from pages.context import THEMES

YEAR = 31_536_000  # seconds


@allow(rules.ANYBODY)
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the wanted appearance in a cookie and go back."""
    wanted, back = request.POST.get("theme", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if wanted in THEMES:
        response.set_cookie(
            "theme", wanted, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return response
