"""Webhooks on their pages: added, shown with their secret once, disabled, deleted, delivered to again."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.features import Feature
from accounts.models import Role, User
from integration.events import by_type
from integration.forms import NO_TYPE, WRONG
from integration.models import Delivery, Webhook
from tests.conftest import browser_of
from tests.integration.logs import delivery, webhook_in_use
from tests.pages.page_requests import said, text_of

pytestmark = pytest.mark.django_db

FRONT = "/administration/"
LIST, NEW = "/administration/webhooks/", "/administration/webhooks/new/"
URL = "https://warehouse.example.com/callout"
TYPES = ["callout.order.started.v1", "callout.work.raised.v1"]


def page_of(webhook_id: int) -> str:
    return f"{LIST}{webhook_id}/"


def test_a_webhook_is_added_and_its_secret_shown_once(administration_client: Client) -> None:
    answer = administration_client.post(NEW, {"url": URL, "types": TYPES}, follow=True)
    assert said(answer) == ["Succeeded adding webhook"]
    made = Webhook.objects.get()
    assert (made.url, made.types, made.is_enabled) == (URL, TYPES, True)
    assert answer.redirect_chain == [(page_of(made.pk), 302)]
    assert re.fullmatch(r"whsec_[\w-]{43}", made.secret)
    assert made.secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    for address in (page_of(made.pk), LIST, f"{page_of(made.pk)}delete/"):
        assert made.secret not in administration_client.get(address).content.decode()


def test_every_secret_is_another(administration_client: Client) -> None:
    for number in range(2):
        administration_client.post(NEW, {"url": f"{URL}{number}", "types": TYPES})
    assert len({each.secret for each in Webhook.objects.all()}) == 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "warehouse.example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://user:password@example.com/",
        "https://example.com:port/",
        "https://example.com/a b",
        "https://[::1",
        "https://büro.example/",
        "https://warehouse..example.com/",
        "https://.example.com/",
        f"https://{'a' * 64}.example.com/",
    ],
)
def test_a_text_that_is_no_address_is_refused(administration_client: Client, url: str) -> None:
    answer = administration_client.post(NEW, {"url": url, "types": TYPES})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"url": [WRONG]}
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1:8080", "169.254.169.254", "0x7f.1"])
def test_an_address_in_a_private_network_is_refused_at_once(administration_client: Client, host: str) -> None:
    answer = administration_client.post(NEW, {"url": f"http://{host}/", "types": TYPES})
    (error,) = answer.context["form"].errors["url"]
    assert "is not a public address" in error


def test_an_address_in_a_private_network_is_taken_where_the_settings_allow_it(
    administration_client: Client, settings: LazySettings
) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    administration_client.post(NEW, {"url": "http://127.0.0.1:8080/", "types": TYPES})
    assert Webhook.objects.get().url == "http://127.0.0.1:8080/"


def test_a_webhook_wants_at_least_one_type_that_there_is(administration_client: Client) -> None:
    none = administration_client.post(NEW, {"url": URL})
    assert none.context["form"].errors == {"types": [NO_TYPE]}
    assert (
        "types" in administration_client.post(NEW, {"url": URL, "types": ["made.up"]}).context["form"].errors
    )
    assert not Webhook.objects.exists()


def test_the_list_says_how_each_webhook_does(administration_client: Client) -> None:
    assert "There are no webhooks yet" in administration_client.get(LIST).content.decode()
    webhook_in_use()
    (row,) = administration_client.get(LIST).context["webhooks"]
    assert (row.waiting, row.failed) == (2, 1)
    assert row.delivered_last


def test_the_log_shows_the_newest_first_and_can_be_narrowed_down(administration_client: Client) -> None:
    address = page_of(webhook_in_use()["webhook_id"])

    def listed(query: str = "") -> list[str]:
        answer = administration_client.get(f"{address}?{query}")
        return [each.type.removeprefix("callout.") for each in answer.context["page"].rows]

    assert listed() == ["work.assigned.v1", "work.raised.v1", "order.status-changed.v1", "order.started.v1"]
    assert listed("state=failed") == ["order.started.v1"]
    assert listed("state=delivered") == ["work.raised.v1"]
    assert listed("state=waiting") == ["work.assigned.v1", "order.status-changed.v1"]
    assert listed("q=work-") == ["work.assigned.v1", "work.raised.v1"]
    assert listed("q=job+asigned") == []
    assert listed("q=work+asigned") == ["work.assigned.v1"]
    assert listed("q=1+Started") == ["order.started.v1"]
    assert listed("q=9") == []
    assert listed("q=nothing") == []
    assert listed("after=x&state=y") == listed()


def test_a_long_log_has_pages(administration_client: Client) -> None:
    ids = webhook_in_use()
    hook = Webhook.objects.get()
    for number in range(100):
        delivery(hook, "callout.work.raised.v1", f"work-{number}")
    first = administration_client.get(page_of(ids["webhook_id"])).context["page"]
    second = administration_client.get(f"{page_of(ids['webhook_id'])}?after={first.after}").context["page"]
    assert (len(first.rows), len(second.rows)) == (50, 50)
    assert first.rows[-1].pk > second.rows[0].pk


def test_what_failed_is_delivered_again_when_asked(administration_client: Client) -> None:
    ids = webhook_in_use()
    failed = Delivery.objects.get(attempts=12)
    answer = administration_client.post(f"{page_of(ids['webhook_id'])}deliveries/{failed.pk}/", follow=True)
    assert said(answer) == ["Succeeded asking for another delivery"]
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == ("Waiting", 0)


def test_a_delivery_belongs_to_its_webhook(administration_client: Client) -> None:
    mine, other = webhook_in_use(), webhook_in_use("https://other.example.com/")
    address = f"{page_of(other['webhook_id'])}deliveries/{mine['delivery_id']}/"
    assert administration_client.post(address).status_code == 404


def test_a_webhook_is_disabled_and_enabled(administration_client: Client) -> None:
    address = page_of(webhook_in_use()["webhook_id"])
    answer = administration_client.post(f"{address}enabled/", {"enabled": "no"}, follow=True)
    assert said(answer) == ["Succeeded disabling webhook"]
    assert not Webhook.objects.get().is_enabled
    administration_client.post(f"{address}enabled/", {"enabled": "yes"})
    assert Webhook.objects.get().is_enabled


def test_a_webhook_is_deleted_with_its_log_once_asked_again(administration_client: Client) -> None:
    address = f"{page_of(webhook_in_use()['webhook_id'])}delete/"
    assert "2 deliveries that wait are never made" in administration_client.get(address).content.decode()
    assert Webhook.objects.exists()
    answer = administration_client.post(address, follow=True)
    assert said(answer) == ["Succeeded deleting webhook"]
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()


def test_a_webhook_is_edited_and_nothing_else_of_it_changes(administration_client: Client) -> None:
    webhook_in_use()
    before = Webhook.objects.get()
    address = page_of(before.pk)
    form = administration_client.get(f"{address}edit/")
    assert form.context["form"].initial == {"url": before.url, "types": before.types}
    assert "2 deliveries that wait go to the new address too" in form.content.decode()
    answer = administration_client.post(f"{address}edit/", {"url": URL, "types": TYPES}, follow=True)
    assert said(answer) == ["Succeeded editing webhook"]
    after = Webhook.objects.get()
    assert (after.url, after.types) == (URL, TYPES)
    assert (after.secret, after.added_at, after.is_enabled) == (before.secret, before.added_at, True)
    assert after.secret not in answer.content.decode()


@pytest.mark.parametrize(
    ("url", "error"), [("ftp://example.com/", WRONG), ("http://10.0.0.1/", "is not a public address")]
)
def test_an_edit_is_refused_what_a_new_webhook_is(
    administration_client: Client, url: str, error: str
) -> None:
    webhook_in_use()
    before = Webhook.objects.get()
    answer = administration_client.post(f"{page_of(before.pk)}edit/", {"url": url, "types": TYPES})
    assert answer.status_code == 422
    assert error in str(answer.context["form"].errors["url"])
    assert f'value="{url}"' in answer.content.decode()
    assert Webhook.objects.get().url == before.url


def test_a_new_secret_is_made_once_asked_again_and_shown_once(administration_client: Client) -> None:
    webhook_in_use()
    before = Webhook.objects.get()
    address = f"{page_of(before.pk)}secret/"
    question = administration_client.get(address).content.decode()
    assert "The old one stops at once" in question
    assert before.secret not in question
    assert Webhook.objects.get().secret == before.secret
    answer = administration_client.post(address, follow=True)
    new = Webhook.objects.get().secret
    assert said(answer) == ["Succeeded making a new secret"]
    assert re.fullmatch(r"whsec_[\w-]{43}", new)
    assert new != before.secret
    assert new in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    for each in (page_of(before.pk), LIST, address, f"{page_of(before.pk)}edit/"):
        assert new not in administration_client.get(each).content.decode()


def test_the_front_page_says_what_somebody_has_to_look_at(administration_client: Client) -> None:
    assert "Webhooks To look at 0 Failing 0 Enabled 0 Disabled 0" in text_of(administration_client.get(FRONT))
    webhook_in_use()
    Webhook.objects.update(failing_since=timezone.now())
    webhook_in_use()
    Webhook.objects.create(url=URL, types=TYPES, is_enabled=False, failing_since=timezone.now())
    front = administration_client.get(FRONT)
    assert "Webhooks To look at 2 Failing 1 Enabled 2 Disabled 1" in text_of(front)
    assert front.content.decode().count(f'<a class="alarm" href="{LIST}">') == 2


def test_the_front_page_says_nothing_of_webhooks_to_who_may_not_manage_them(db: None) -> None:
    keeper = User.objects.create_user("keeper")
    keeper.roles.add(Role.objects.create(name="Sites", features=[Feature.MANAGE_SITES]))
    webhook_in_use()
    assert "ebhook" not in browser_of(keeper).get(FRONT).content.decode()


def test_the_state_of_a_webhook_is_the_most_pressing(administration_client: Client) -> None:
    """On its own page and in the list."""
    address = page_of(webhook_in_use()["webhook_id"])

    def state() -> str:
        pages = [text_of(administration_client.get(each)) for each in (address, LIST)]
        (found,) = {
            next(word for word in ("Somebody has to look", "Failing", "Enabled", "Disabled") if word in page)
            for page in pages
        }
        return found

    assert state() == "Somebody has to look"
    Delivery.objects.filter(attempts=12).delete()
    assert state() == "Enabled"
    Webhook.objects.update(failing_since=timezone.now())
    assert state() == "Failing"
    Webhook.objects.update(is_enabled=False)
    assert state() == "Disabled"


def test_what_a_receiver_answers_is_shown_as_text(administration_client: Client) -> None:
    page = administration_client.get(page_of(webhook_in_use()["webhook_id"])).content.decode()
    assert "&lt;h1&gt;Service Unavailable" in page
    assert "<h1>Service" not in page


def test_every_type_can_be_chosen(administration_client: Client) -> None:
    page = administration_client.get(NEW).content.decode()
    assert all(kind in page for kind in by_type)
