"""Signing in and out."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse

from accounts.forms import SignInForm
from accounts.guard import public, signed_in
from pages.respond import UNPROCESSABLE


class SignIn(LoginView):
    """A refused sign-in keeps the username, and says so with its status too."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again, with the one sentence."""
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


sign_in = public(SignIn.as_view())
sign_out = signed_in(LogoutView.as_view())
