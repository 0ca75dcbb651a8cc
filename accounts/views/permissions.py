"""The first page of Administration, and the page of permissions: people and roles."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from accounts.models import Role, Token, User
from accounts.people import page_of_people, people
from eventstore.reactions.parked import count_parked
from eventstore.worker.health import waiting
from pages.depends_on import shows
from pages.list_form import ListForm
from pages.respond import StaffRequest, render_page
from readmodels.queries import administration, operatives
from readmodels.queries.names import Names
from spelling.name_order import sort_key

PAGE = 50
STATES = {"active": "Can sign in", "deactivated": "Deactivated", "all": "All"}
ACTIVE = {"active": True, "deactivated": False, "all": None}


@allow(rules.ADMINISTER)
@shows("sites", "operatives")
@require_safe
def front_door(request: StaffRequest) -> HttpResponse:
    """What there is to administer, as far as the person is allowed to."""
    counted = {**administration.counts(), **people_counted(), "roles": Role.objects.count()}
    parked = count_parked()
    away = len(waiting())
    context = {"counted": counted, "parked": parked, "to_look_at": parked["parked"] + away, "away": away}
    context["tokens"] = tokens_counted()
    return render(request, "accounts/administration.html", context)


def people_counted() -> dict[str, int]:
    """How many people can sign in, and how many could."""
    found: dict[str, int] = User.objects.aggregate(
        people=Count("pk", filter=Q(is_active=True)), deactivated=Count("pk", filter=Q(is_active=False))
    )
    return found


def tokens_counted() -> dict[str, int]:
    """How many tokens let a program in, and how many of those were never used."""
    unended = Q(ends_on=None) | Q(ends_on__gte=timezone.localdate())
    found: dict[str, int] = Token.objects.filter(unended, revoked_at=None, maker__is_active=True).aggregate(
        valid=Count("pk"), never_used=Count("pk", filter=Q(used_at=None))
    )
    return found


@allow(rules.MANAGE_PERMISSIONS)
@shows("operatives")
@require_safe
def permissions(request: StaffRequest) -> HttpResponse:
    """Everybody who signs in, with their roles; and the roles."""
    asked = ListForm(request.GET, states=STATES)
    roles = sorted(Role.objects.annotate(holders=Count("users")), key=lambda role: sort_key(role.name))
    return render_page(
        request,
        "accounts/permissions.html",
        {"asked": asked, "roles": roles, **listed(asked)},
        fragment="accounts/_permissions.html",
    )


def listed(asked: ListForm) -> dict[str, Any]:
    """A page of people, each with the name of their operative."""
    page = page_of_people(people(asked.text, active=ACTIVE[asked.wanted_state]), asked.last_seen, PAGE)
    linked = operatives.with_namesakes(each.operative_id for each in page.rows if each.operative_id)
    names = Names.of_namesakes(linked.values())
    called = {key: names.whole(row) for key, row in linked.items()}
    known = [(each, called.get(each.operative_id, "") if each.operative_id else "") for each in page.rows]
    return {"page": page, "listed": known}
