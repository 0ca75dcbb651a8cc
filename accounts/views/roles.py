"""Roles: make, change, delete."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import permissions, rules
from accounts.forms import NoForm, RoleForm
from accounts.guard import allow
from accounts.models import Role
from accounts.people import place_of
from accounts.views.carry_out import carry_out
from pages.respond import UNPROCESSABLE, StaffRequest, posted


@allow(rules.MANAGE_PERMISSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_role(request: StaffRequest) -> HttpResponse:
    """A name, and what it allows."""
    return edit(request, Role(), "creating role")


@allow(rules.MANAGE_PERMISSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: StaffRequest, role_id: int) -> HttpResponse:
    """Change the name, or the features for everybody who has the role."""
    return edit(request, get_object_or_404(Role, pk=role_id), "changing role")


def edit(request: StaffRequest, edited: Role, action: str) -> HttpResponse:
    """The page of a role that exists or is new."""
    title, holders = edited.name, sorted(edited.users.all(), key=place_of)[:100] if edited.pk else []
    was = {"name": edited.name, "features": edited.features}
    form = RoleForm(posted(request), own=edited.pk, initial=was)
    if request.method == "POST" and carry_out(
        request,
        form,
        lambda: permissions.save_role(edited, form.cleaned_data["name"], form.chosen),
        action=action,
        about=title or request.POST.get("name", ""),
    ):
        return redirect("administration-permissions")
    context = {"role": edited, "title": title, "holders": holders, "form": form}
    return render(request, "accounts/role.html", context, status=UNPROCESSABLE if form.errors else 200)


@allow(rules.MANAGE_PERMISSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_role(request: StaffRequest, role_id: int) -> HttpResponse:
    """Ask once more, then delete."""
    deleted = get_object_or_404(Role, pk=role_id)
    form = NoForm(posted(request))
    if request.method == "POST" and carry_out(
        request,
        form,
        lambda: permissions.delete_role(deleted),
        action="deleting role",
        about=deleted.name,
    ):
        return redirect("administration-permissions")
    context = {"role": deleted, "holders": deleted.users.count(), "form": form}
    return render(request, "accounts/delete_role.html", context, status=UNPROCESSABLE if form.errors else 200)
