"""Signing in and out."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse

from accounts import rules
from accounts.attempts import TOO_MANY, minutes_to_wait, seconds_to_wait
from accounts.forms import SignInForm
from accounts.guard import allow
from pages.respond import UNPROCESSABLE


class SignIn(LoginView):
    """A refused sign-in keeps the username, and its status says so too. After too many failures it says
    how long to wait, whether or not there is such a person."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again, with the one sentence."""
        seconds = seconds_to_wait(self.request)
        if not seconds:
            return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)
        context = self.get_context_data(form=form, minutes=minutes_to_wait(seconds))
        return self.render_to_response(context, status=TOO_MANY, headers={"Retry-After": str(seconds)})


sign_in = allow(rules.ANYBODY)(SignIn.as_view())
sign_out = allow(rules.SIGNED_IN, has_form=False)(LogoutView.as_view())
