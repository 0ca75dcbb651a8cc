"""People who sign in: their roles, their operative, their password, and whether they can sign in."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import permissions, rules
from accounts.forms import AccountForm, LinkForm, NoForm, PasswordForm, PersonForm, RolesForm
from accounts.guard import allow
from accounts.models import User
from accounts.tokens import stopping_with
from accounts.views.carry_out import carry_out
from pages.depends_on import shows, shows_none
from pages.respond import UNPROCESSABLE, StaffRequest, posted
from readmodels.models import OperativeRow
from readmodels.queries import operatives


@allow(rules.MANAGE_PERMISSIONS)
@shows_none("somebody new is no operative yet")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: StaffRequest) -> HttpResponse:
    """Add a person, with a first password and roles."""
    user = User()
    form = PersonForm(posted(request), user=user)
    if request.method == "POST" and carry_out(
        request,
        form,
        lambda: permissions.add_person(user, form.cleaned_data["password"], form.cleaned_data["roles"]),
        action="creating user",
        about=request.POST.get("username", ""),
    ):
        return redirect("person", user_id=user.pk)
    return render(
        request, "accounts/new_person.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200
    )


@allow(rules.MANAGE_PERMISSIONS)
@shows("operatives")
@require_safe
def person(request: StaffRequest, user_id: int) -> HttpResponse:
    """Everything that can be changed about a person."""
    return page_of(request, get_object_or_404(User, pk=user_id))


@allow(rules.MANAGE_PERMISSIONS)
@shows("operatives")
@require_POST
def roles(request: StaffRequest, user_id: int) -> HttpResponse:
    """Give and take away roles."""
    user = get_object_or_404(User, pk=user_id)
    form = RolesForm(request.POST)

    def change() -> None:
        permissions.give_roles(user, form.cleaned_data["roles"], by=request.user)

    return change_or_show(request, user, {"roles_form": form}, change, action="changing roles")


@allow(rules.MANAGE_PERMISSIONS)
@shows("operatives")
@require_POST
def operative(request: StaffRequest, user_id: int) -> HttpResponse:
    """Set which operative the person is."""
    user = get_object_or_404(User, pk=user_id)
    form = LinkForm(request.POST, operatives=choices(user))

    def change() -> None:
        permissions.link_operative(user, form.operative, by=request.user)

    return change_or_show(request, user, {"link_form": form}, change, action="linking operative")


@allow(rules.MANAGE_PERMISSIONS)
@shows("operatives")
@sensitive_post_parameters("password")
@require_POST
def password(request: StaffRequest, user_id: int) -> HttpResponse:
    """Give a person another password. A person who changes their own stays signed in here."""
    user = get_object_or_404(User, pk=user_id)
    form = PasswordForm(request.POST, user=user)

    def change() -> None:
        permissions.set_password(user, form.cleaned_data["password"], by=request.user)
        if user == request.user:
            update_session_auth_hash(request, user)

    return change_or_show(request, user, {"password_form": form}, change, action="setting password")


@allow(rules.MANAGE_PERMISSIONS)
@shows("operatives")
@require_POST
def active(request: StaffRequest, user_id: int) -> HttpResponse:
    """Let a person sign in, or no longer."""
    user = get_object_or_404(User, pk=user_id)
    wanted = request.POST.get("active") == "yes"

    def change() -> None:
        permissions.set_active(user, active=wanted, by=request.user)

    action = "reactivating user" if wanted else "deactivating user"
    return change_or_show(request, user, {"active_form": NoForm(request.POST)}, change, action=action)


def change_or_show(
    request: StaffRequest,
    user: User,
    forms: dict[str, AccountForm],
    change: Callable[[], None],
    *,
    action: str,
) -> HttpResponse:
    """Make the change that the one form asks for; otherwise show the person's page with that form as it
    was sent."""
    (form,) = forms.values()
    if carry_out(request, form, change, action=action, about=user.username):
        return redirect("person", user_id=user.pk)
    return page_of(request, get_object_or_404(User, pk=user.pk), forms, status=UNPROCESSABLE)


def page_of(
    request: StaffRequest, user: User, forms: dict[str, AccountForm] | None = None, *, status: int = 200
) -> HttpResponse:
    """The person's page; each form as it was sent, or with the present values."""
    linkable = choices(user)
    context: dict[str, Any] = {
        "person": user,
        "stands_at": reverse("person", args=[user.pk]),
        "operative": next((each for each in linkable if each.pk == user.operative_id), None),
        "roles_form": RolesForm(initial={"roles": user.roles.all()}),
        "link_form": LinkForm(initial={"operative_id": str(user.operative_id or "")}, operatives=linkable),
        "password_form": PasswordForm(user=user),
        "programs": stopping_with(user),
    }
    return render(request, "accounts/person.html", {**context, **(forms or {})}, status=status)


def choices(user: User) -> list[OperativeRow]:
    """The operatives that the person may be: everybody employed, and the one that they already are."""
    employed = list(operatives.employed())
    if user.operative_id is None or any(each.pk == user.operative_id for each in employed):
        return employed
    already = operatives.by_id(user.operative_id)
    return [*employed, already] if already else employed
