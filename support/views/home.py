"""The first page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.features import Feature
from accounts.guard import allow
from accounts.models import User
from eventstore.worker.health import stopped
from pages.day import start_of_today
from pages.depends_on import shows
from pages.respond import StaffRequest
from readmodels.models import WorkRow
from readmodels.queries import administration, jobs
from readmodels.queries.desk import Duties, waits_for

STAGES = [stage.value for stage in WorkRow.Stage if stage is not WorkRow.Stage.WITHDRAWN]
KEEPS = (Feature.MANAGE_OPERATIVES, Feature.MANAGE_SITES, Feature.MANAGE_PERMISSIONS, Feature.SEE_EVENTS)
RUNS = (Feature.RAISE_WORK, Feature.ASSIGN_WORK, *KEEPS)
"""A person with one of these features looks after more than their own jobs."""


@allow(rules.SEE_WORK)
@shows("work", "sites", "operatives")
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """How much work is at each stage, and what waits for this person. A person who only has a queue of
    their own is redirected to it."""
    user = request.user
    only_works = user.may(Feature.DO_WORK) and not user.may(*RUNS)
    if only_works and user.operative_id:
        return redirect("operative", user.operative_id)
    tally = jobs.tally(start_of_today())
    context: dict[str, Any] = {
        "stages": [] if only_works else [(name, getattr(tally, name)) for name in STAGES],
        "waiting": tally.raised + tally.abandoned,
        "waits": waits_for(duties_of(user), timezone.now()),
        "keeps": user.may(*KEEPS),
    }
    if context["keeps"]:
        context["kept"] = administration.counts()
        context["stopped"] = stopped()
        context["no_role"] = User.objects.filter(roles=None, is_superuser=False, is_active=True).count()
    return render(request, "support/home.html", context)


def duties_of(user: User) -> Duties:
    """What this person does."""
    return Duties(
        raises_as=user.actor if user.may(Feature.RAISE_WORK) else None,
        assigns=user.may(Feature.ASSIGN_WORK),
        operative_id=user.operative_id if user.may(Feature.DO_WORK) else None,
    )
