"""The configuration of a webhook: add, edit, give a new secret, switch off and on, delete."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import rules
from accounts.guard import allow
from integration.forms import WebhookForm
from integration.models import AT_REST, WAITING, Webhook
from integration.signature import new_secret
from pages.depends_on import shows_none
from pages.respond import UNPROCESSABLE, StaffRequest, posted, tell_done, tell_refused

CONFIGURATION = "webhooks are configuration, changed and shown in one database"


@allow(rules.MANAGE_INTEGRATION)
@shows_none(CONFIGURATION)
@require_http_methods(["GET", "HEAD", "POST"])
def new_webhook(request: StaffRequest) -> HttpResponse:
    """Add one; the next page shows its secret, and no page shows it again."""
    form = WebhookForm(posted(request))
    if request.method == "POST":
        if form.is_valid() and form.is_sure():
            made = Webhook.objects.create(
                **form.cleaned_data, secret=new_secret(), added_by=request.user.actor
            )
            request.session[shown_once(made)] = True
            tell_done(request, "adding webhook", made.url)
            return redirect("webhook", made.pk)
        tell_refused(request, form, action="adding webhook")
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "integration/new.html", {"form": form}, status=status)


@allow(rules.MANAGE_INTEGRATION)
@shows_none(CONFIGURATION)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_webhook(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Another address, other types. A new address has not failed yet, whatever happened at the old one."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    was = {"url": found.url, "types": found.types}
    form = WebhookForm(posted(request), own=webhook_id, initial=was)
    if request.method == "POST":
        if form.is_valid() and form.is_sure():
            changed = dict(form.cleaned_data)
            if changed["url"] != found.url:
                changed |= AT_REST
            Webhook.objects.filter(pk=webhook_id).update(**changed)
            tell_done(request, "editing webhook", changed["url"])
            return redirect("webhook", webhook_id)
        tell_refused(request, form, action="editing webhook")
    context = {"webhook": found, "form": form, "waiting": found.deliveries.filter(WAITING).count()}
    return render(request, "integration/edit.html", context, status=UNPROCESSABLE if form.errors else 200)


@allow(rules.MANAGE_INTEGRATION, has_form=False)
@shows_none(CONFIGURATION)
@require_http_methods(["GET", "HEAD", "POST"])
def replace_secret(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """After asking once more, sign with a new secret from now on; it is shown like the first one."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    if request.method == "POST":
        Webhook.objects.filter(pk=webhook_id).update(secret=new_secret())
        request.session[shown_once(found)] = True
        tell_done(request, "making a new secret", f"For {found.url}")
        return redirect("webhook", webhook_id)
    return render(request, "integration/new_secret.html", {"webhook": found})


@allow(rules.MANAGE_INTEGRATION, has_form=False)
@shows_none(CONFIGURATION)
@require_POST
def switch(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Let it have what happens from now on, or nothing more."""
    wanted = request.POST.get("enabled") == "yes"
    found = get_object_or_404(Webhook, pk=webhook_id)
    Webhook.objects.filter(pk=webhook_id).update(is_enabled=wanted, **AT_REST)
    tell_done(request, f"{'enabling' if wanted else 'disabling'} webhook", found.url)
    return redirect("webhook", webhook_id)


@allow(rules.MANAGE_INTEGRATION, has_form=False)
@shows_none(CONFIGURATION)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_webhook(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """After asking once more, delete it and its log."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    if request.method == "POST":
        found.delete()
        tell_done(request, "deleting webhook", found.url)
        return redirect("webhooks")
    waiting = found.deliveries.filter(WAITING).count()
    return render(request, "integration/delete.html", {"webhook": found, "waiting": waiting})


def shown_once(webhook: Webhook) -> str:
    """The session's key that allows the page to show the secret."""
    return f"secret of webhook {webhook.pk}"
