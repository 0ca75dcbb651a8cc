"""Django's admin over the read models: to look at, never to change."""

from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from readmodels.admin import site
from readmodels.models import OperativeRow, OrderRow, PaymentMethodRow, PriceRow, SiteRow, WorkRow
from support.work import Stage
from tests import factories

pytestmark = pytest.mark.django_db
MODELS = sorted(model._meta.model_name or "" for model in site._registry)


@pytest.fixture
def rows() -> dict[str, Any]:
    """A row of each read model, by the model's name."""
    operative_id = factories.hire("Ada", "Lovelace")
    work_id = factories.work_at(Stage.ASSIGNED, operative_id, title="Boiler out")
    site_id = SiteRow.objects.get().pk
    return {
        "workrow": work_id,
        "siterow": site_id,
        "operativerow": operative_id,
        "workcounter": 1,
        "productrow": factories.create_product("Fan belt"),
        "pricerow": PriceRow.objects.get().pk,
        "buyerrow": factories.verify_buyer(factories.place_order()),
        "orderrow": OrderRow.objects.get().pk,
        "paymentmethodrow": PaymentMethodRow.objects.get().pk,
        "ordercounter": 1,
    }


def change(model: str, key: Any) -> str:
    return reverse(f"admin:readmodels_{model}_change", args=[key])


@pytest.mark.parametrize("model", MODELS)
def test_rows_can_be_looked_at(root_client: Client, rows: dict[str, Any], model: str) -> None:
    assert root_client.get("/admin/").status_code == 200
    assert root_client.get(f"/admin/readmodels/{model}/").status_code == 200
    page = root_client.get(change(model, rows[model]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_changed_also_by_hand(root_client: Client, rows: dict[str, Any], model: str) -> None:
    key = rows[model]
    before = [*WorkRow.objects.values(), *SiteRow.objects.values(), *OperativeRow.objects.values()]
    for address in (
        reverse(f"admin:readmodels_{model}_add"),
        change(model, key),
        reverse(f"admin:readmodels_{model}_delete", args=[key]),
    ):
        fields = {"title": "x", "town": "x", "forename": "x", "post": "yes", "_save": "Save"}
        assert root_client.post(address, fields).status_code == 403, address
    everything = {"action": "delete_selected", "_selected_action": [str(key)], "post": "yes"}
    root_client.post(f"/admin/readmodels/{model}/", everything)
    after = [*WorkRow.objects.values(), *SiteRow.objects.values(), *OperativeRow.objects.values()]
    assert after == before


def test_people_and_passwords_are_left_out(root_client: Client) -> None:
    assert {model._meta.app_label for model in site._registry} == {"readmodels"}
    assert root_client.get("/admin/accounts/user/").status_code == 404
    assert root_client.get("/admin/auth/group/").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("admin:password_change")


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("workrow", "boiler"),
        ("siterow", "harbour"),
        ("operativerow", "lovelace"),
        ("productrow", "belt"),
        ("orderrow", "grace"),
        ("buyerrow", "example.com"),
        ("paymentmethodrow", "hopper"),
    ],
)
def test_rows_are_searched(root_client: Client, rows: dict[str, Any], model: str, text: str) -> None:
    found = root_client.get(f"/admin/readmodels/{model}/", {"q": text}).content.decode()
    assert str(rows[model]) in found
    assert str(rows[model]) not in root_client.get(f"/admin/readmodels/{model}/?q=zzz").content.decode()
    by_id = root_client.get(f"/admin/readmodels/{model}/", {"q": str(rows[model])}).content.decode()
    assert change(model, rows[model]) in by_id


def test_a_job_shows_its_sites_and_leads_to_its_page_and_history(
    root_client: Client, rows: dict[str, Any]
) -> None:
    page = root_client.get(change("workrow", rows["workrow"])).content.decode()
    assert "1 Harbour Street, Whitby" in page
    assert "Ada Lovelace" in page
    assert reverse("job", args=[rows["workrow"]]) in page
    assert f"/events/?stream=work-{rows['workrow']}" in page


@pytest.mark.parametrize(
    ("model", "stream"),
    [("workrow", "work"), ("siterow", "site"), ("operativerow", "operative"), ("productrow", "product")],
)
def test_the_history_of_a_row_is_its_events(
    root_client: Client, rows: dict[str, Any], model: str, stream: str
) -> None:
    answer = root_client.get(reverse(f"admin:readmodels_{model}_history", args=[rows[model]]), follow=True)
    assert answer.redirect_chain == [(f"/events/?stream={stream}-{rows[model]}", 302)]
    assert answer.context["entries"]


def test_a_row_that_is_not_there(root_client: Client) -> None:
    answer = root_client.get(change("workrow", "nonsense"), follow=True)
    assert answer.status_code == 200
    assert "nonsense" in answer.content.decode()


def test_signing_in_is_by_the_pages_of_callout(client: Client, root: Any) -> None:
    answer = client.post(
        "/sign-in/?next=/admin/", {"username": "root", "password": "demo", "next": "/admin/"}
    )
    assert answer.url == "/admin/"  # type: ignore[attr-defined]
    assert client.get("/admin/").status_code == 200
