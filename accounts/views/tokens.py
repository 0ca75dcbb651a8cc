"""Tokens of programs: make, rename, revoke."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rules
from accounts import tokens as programs
from accounts.forms import NoForm, TokenForm, TokenNameForm
from accounts.guard import allow
from accounts.models import Token
from accounts.names import names_of
from accounts.views.carry_out import carry_out
from pages.respond import UNPROCESSABLE, StaffRequest, posted
from spelling.name_order import sort_key


@allow(rules.MANAGE_PERMISSIONS)
@require_safe
def tokens(request: StaffRequest) -> HttpResponse:
    """Every token; those that let a program in come first."""
    found = in_order(Token.objects.select_related("maker"))
    names = names_of(each.made_by for each in found)
    listed = [(each, names[each.made_by]) for each in found]
    return render(request, "accounts/tokens.html", {"listed": listed})


@allow(rules.MANAGE_PERMISSIONS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_token(request: StaffRequest) -> HttpResponse:
    """Make a token. Its secret is in this one answer and nowhere else, neither in the session nor in a
    page that could be asked for again. If the form is sent again, it is refused, because its name is
    taken."""
    form = TokenForm(posted(request))
    made: list[tuple[Token, str]] = []

    def change() -> None:
        given = form.cleaned_data
        made.append(programs.make(given["name"], form.chosen, request.user, given["ends"]))

    if request.method == "POST" and carry_out(
        request, form, change, action="making token", about=request.POST.get("name", "")
    ):
        ((token, secret),) = made
        return render(request, "accounts/tokens_secret.html", {"token": token, "secret": secret})
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "accounts/tokens_new.html", {"form": form}, status=status)


@allow(rules.MANAGE_PERMISSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def token(request: StaffRequest, token_id: int) -> HttpResponse:
    """One token, and another name for it."""
    shown = get_object_or_404(Token, pk=token_id)
    title, form = shown.name, TokenNameForm(posted(request), own=shown.pk, initial={"name": shown.name})
    if request.method == "POST" and carry_out(
        request,
        form,
        lambda: programs.rename(shown, form.cleaned_data["name"]),
        action="renaming token",
        about=f"{title}, now {request.POST.get('name', '')}",
    ):
        return redirect("token", shown.pk)
    names = names_of([shown.made_by, shown.revoked_by])
    context = {
        "token": shown,
        "title": title,
        "form": form,
        "made_by": names[shown.made_by],
        "revoked_by": names[shown.revoked_by],
    }
    return render(request, "accounts/tokens_one.html", context, status=UNPROCESSABLE if form.errors else 200)


@allow(rules.MANAGE_PERMISSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: StaffRequest, token_id: int) -> HttpResponse:
    """Ask once more, then revoke."""
    revoked = get_object_or_404(Token, pk=token_id)
    form = NoForm(posted(request))
    if request.method == "POST" and carry_out(
        request,
        form,
        lambda: programs.revoke(revoked, request.user),
        action="revoking token",
        about=revoked.name,
    ):
        return redirect("tokens")
    return render(request, "accounts/tokens_revoke.html", {"token": revoked, "form": form})


def in_order(found: QuerySet[Token]) -> list[Token]:
    """By name; those that let nobody in any more come last, the latest revoked first."""

    def place(token: Token) -> tuple[bool, float, str, int]:
        revoked = -token.revoked_at.timestamp() if token.revoked_at else float("-inf")
        return token.state in {"Revoked", "Ended", "Stopped"}, revoked, sort_key(token.name), token.pk

    return sorted(found, key=place)
