"""Administration's sites."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from readmodels.models import SiteRow
from sites import views
from support.work import Stage
from tests import factories
from tests.pages.page_requests import FRAGMENT, queries_of, said, send, stored

pytestmark = pytest.mark.django_db
LIST = "/administration/sites/"
HARBOUR = {
    "address_line_1": "1 Harbour Street",
    "town": "Whitby",
    "post_code": "YO21 1AA",
    "telephone_number": "+44 (0)1947 600001",
}


def one(site_id: UUID) -> str:
    return reverse("administration-site", args=[site_id])


def relinquish_page(site_id: UUID) -> str:
    return reverse("relinquish-site", args=[site_id])


def addresses(answer: Any) -> list[str]:
    return [row.address_line_1 for row, _ in answer.context["listed"]]


def test_an_empty_list_says_what_to_do(administration_client: Client) -> None:
    page = administration_client.get(LIST).content.decode()
    assert "There are no sites yet" in page
    assert "Acquire the first site" in page


def test_the_list_says_what_is_open_where(administration_client: Client) -> None:
    harbour = factories.acquire("1 Harbour Street")
    factories.raise_work(site_ids=[harbour])
    factories.relinquish(factories.acquire("2 Gone Lane"))
    answer = administration_client.get(LIST)
    assert [(row.address_line_1, jobs) for row, jobs in answer.context["listed"]] == [("1 Harbour Street", 1)]
    assert addresses(administration_client.get(LIST, {"state": "relinquished"})) == ["2 Gone Lane"]
    assert addresses(administration_client.get(LIST, {"state": "all"})) == ["1 Harbour Street", "2 Gone Lane"]


@pytest.mark.parametrize("text", ["harb whit", "YO211AA", "+44 1947/600 001", "(01947) 600001"])
def test_a_site_is_found_in_any_spelling(administration_client: Client, text: str) -> None:
    factories.acquire(*HARBOUR.values())
    factories.acquire("9 High Road", "Leeds", "LS1 1AA", "0113 496 0001")
    assert addresses(administration_client.get(LIST, {"q": text})) == ["1 Harbour Street"]


def test_no_site_fits(administration_client: Client) -> None:
    factories.acquire()
    assert "No site fits" in administration_client.get(LIST, {"q": "nowhere"}).content.decode()


def test_a_fragment_is_the_page_without_its_frame(administration_client: Client) -> None:
    page = administration_client.get(LIST, headers=FRAGMENT).content.decode()
    assert "<html" not in page
    assert 'id="sites-list"' in page


def test_pages_follow_each_other_without_gap(
    administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for street in ("1 B Street", "1 B Street", "1 A Street", "1 C Street"):
        factories.acquire(street)
    first = administration_client.get(LIST)
    second = administration_client.get(LIST, {"after": first.context["page"].after})
    assert addresses(first) + addresses(second) == ["1 A Street", "1 B Street", "1 B Street", "1 C Street"]
    assert second.context["page"].after is None


def test_a_number_is_shown_as_typed_and_can_be_dialled(administration_client: Client) -> None:
    factories.acquire(*HARBOUR.values())
    page = administration_client.get(LIST).content.decode()
    assert 'href="tel:+441947600001">+44 (0)1947 600001</a>' in page


def test_acquiring(administration_client: Client) -> None:
    command_id = uuid4()
    answer = send(administration_client, LIST, command_id=command_id, **HARBOUR)
    assert answer.redirect_chain == [(LIST, 302)]
    assert said(answer) == ["Succeeded acquiring site"]
    site = SiteRow.objects.get()
    assert site.site_id == command_id
    assert {name: getattr(site, name) for name in HARBOUR} == HARBOUR


def test_a_form_sent_twice_acquires_once(administration_client: Client) -> None:
    command_id = uuid4()
    for _ in range(2):
        assert said(send(administration_client, LIST, command_id=command_id, **HARBOUR)) == [
            "Succeeded acquiring site"
        ]
    assert stored() == ["SiteAcquired"]


def test_what_is_missing_is_said_word_for_word_and_what_was_typed_is_kept(
    administration_client: Client,
) -> None:
    typed = {**HARBOUR, "town": "  ", "telephone_number": ""}
    answer = send(administration_client, LIST, **typed)
    assert answer.status_code == 422
    missing = "Site must have a town\nSite must have a telephone number"
    assert said(answer) == [f"Could not complete action: acquiring site\n{missing}"]
    form = answer.context["form"]
    assert form.errors == {
        "town": ["Site must have a town"],
        "telephone_number": ["Site must have a telephone number"],
    }
    assert {name: form[name].value() for name in typed} == typed
    assert stored() == []


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("call me", "Use digits, spaces and + ( ) / . - only"),
        ("12", "Give at least 3 digits"),
        ("+ () -", "Give at least 3 digits"),
    ],
)
def test_a_number_that_nobody_can_dial(administration_client: Client, number: str, fault: str) -> None:
    answer = send(administration_client, LIST, **{**HARBOUR, "telephone_number": number})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"telephone_number": [fault]}
    assert said(answer) == [f"Could not complete action: acquiring site\nTelephone number: {fault}"]


def test_a_short_number_is_a_number(administration_client: Client) -> None:
    send(administration_client, LIST, **{**HARBOUR, "telephone_number": "311"})
    assert SiteRow.objects.get().telephone_number == "311"


@pytest.mark.parametrize(("name", "length"), [("address_line_1", 201), ("town", 101), ("post_code", 21)])
def test_texts_have_a_longest_length(administration_client: Client, name: str, length: int) -> None:
    assert send(administration_client, LIST, **{**HARBOUR, name: "x" * length}).status_code == 422
    assert stored() == []


def test_correcting(administration_client: Client) -> None:
    site_id = factories.acquire()
    assert 'value="1 Harbour Street"' in administration_client.get(one(site_id)).content.decode()
    answer = send(administration_client, one(site_id), **{**HARBOUR, "town": "Leeds"})
    assert answer.redirect_chain == [(one(site_id), 302)]
    assert said(answer) == ["Succeeded correcting site"]
    assert SiteRow.objects.get().town == "Leeds"


def test_correcting_refused(administration_client: Client) -> None:
    site_id = factories.acquire()
    answer = send(administration_client, one(site_id), **{**HARBOUR, "address_line_1": "2 Pier", "town": ""})
    assert answer.status_code == 422
    assert said(answer) == ["Could not complete action: correcting site\nSite must have a town"]
    assert 'value="2 Pier"' in answer.content.decode()
    assert stored() == ["SiteAcquired"]


def test_giving_up_a_site_says_what_it_means_and_asks_once_more(administration_client: Client) -> None:
    site_id = factories.acquire()
    assert "This site has no open jobs" in administration_client.get(one(site_id)).content.decode()
    question = administration_client.get(relinquish_page(site_id)).content.decode()
    assert "Relinquish 1 Harbour Street, Whitby?" in question
    answer = send(administration_client, relinquish_page(site_id))
    assert answer.redirect_chain == [(one(site_id), 302)]
    assert said(answer) == ["Succeeded relinquishing site"]
    assert SiteRow.objects.get().relinquished_at is not None


def test_a_site_with_open_work_cannot_be_given_up(administration_client: Client) -> None:
    site_id = factories.acquire()
    factories.raise_work(site_ids=[site_id])
    factories.raise_work(site_ids=[site_id, factories.acquire()])
    for page in (one(site_id), relinquish_page(site_id)):
        shown = administration_client.get(page).content.decode()
        assert "This site has 2 open jobs" in shown
        assert f"?stage=open&amp;site={site_id}" in shown
        assert "btn-hurt" not in shown
    answer = send(administration_client, relinquish_page(site_id))
    assert answer.status_code == 422
    refusal = "This site cannot be relinquished while it has 2 open jobs"
    assert said(answer) == [f"Could not complete action: relinquishing site\n{refusal}"]
    assert "SiteRelinquished" not in stored()


def test_a_relinquished_site_stays_as_it_was(administration_client: Client) -> None:
    site_id = factories.acquire()
    factories.relinquish(site_id)
    answer = send(administration_client, one(site_id), **HARBOUR)
    assert said(answer) == ["Could not complete action: correcting site\nThis site has been relinquished"]
    assert "Correct</button>" not in administration_client.get(one(site_id)).content.decode()


def test_no_site_of_this_id(administration_client: Client) -> None:
    for page in (one(uuid4()), relinquish_page(uuid4())):
        assert administration_client.get(page).status_code == 404
        assert administration_client.post(page).status_code == 404


def test_the_list_costs_the_same_however_long(administration_client: Client) -> None:
    factories.work_at(Stage.RAISED)
    before = queries_of(administration_client, LIST)
    for _ in range(3):
        factories.work_at(Stage.RAISED)
    assert queries_of(administration_client, LIST) == before <= 10
