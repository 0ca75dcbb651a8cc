"""Administration's operatives."""

from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from operatives.views import administration as views
from readmodels.models import OperativeRow
from support.work import Stage
from tests import factories
from tests.pages.page_requests import FRAGMENT, queries_of, said, send, stored

pytestmark = pytest.mark.django_db
LIST = "/administration/operatives/"


def one(operative_id: UUID) -> str:
    return reverse("administration-operative", args=[operative_id])


def release_page(operative_id: UUID) -> str:
    return reverse("release-operative", args=[operative_id])


def test_an_empty_list_says_what_to_do(administration_client: Client) -> None:
    answer = administration_client.get(LIST)
    assert "Nobody is employed yet" in answer.content.decode()
    assert "Hire the first operative" in answer.content.decode()


def test_the_list_says_who_is_employed_and_how_much_they_hold(administration_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    factories.work_at(Stage.ASSIGNED, ada)
    factories.work_at(Stage.ARRIVED, ada)
    factories.work_at(Stage.COMPLETED, ada)
    factories.release(factories.hire("Ben", "Gone"))
    answer = administration_client.get(LIST)
    assert [(str(row), jobs) for row, jobs in answer.context["listed"]] == [("Ada Lovelace", 2)]
    answer = administration_client.get(LIST, {"state": "released"})
    assert [str(row) for row, _ in answer.context["listed"]] == ["Ben Gone"]
    answer = administration_client.get(LIST, {"state": "all"})
    assert [str(row) for row, _ in answer.context["listed"]] == ["Ben Gone", "Ada Lovelace"]


def test_the_list_is_searched_by_name(administration_client: Client) -> None:
    factories.hire("Ada", "Lovelace")
    factories.hire("Grace", "Hopper")
    answer = administration_client.get(LIST, {"q": " love ADA "})
    assert [str(row) for row, _ in answer.context["listed"]] == ["Ada Lovelace"]
    assert 'value="love ADA"' in answer.content.decode()
    assert "No operative fits" in administration_client.get(LIST, {"q": "nobody"}).content.decode()


@pytest.mark.parametrize("state", ["", "nonsense"])
def test_an_address_that_makes_no_sense_shows_the_list(administration_client: Client, state: str) -> None:
    factories.hire("Ada", "Lovelace")
    answer = administration_client.get(LIST, {"state": state, "after": "nonsense", "q": "a\0"})
    assert answer.status_code == 200
    assert len(answer.context["listed"]) == 1


def test_a_fragment_is_the_page_without_its_frame(administration_client: Client) -> None:
    answer = administration_client.get(LIST, headers=FRAGMENT)
    assert "<html" not in answer.content.decode()
    assert 'id="operatives-list"' in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


def test_pages_follow_each_other_without_gap(
    administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for surname in ("Byron", "Byron", "Ash", "Cole", "Dee"):
        factories.hire("Al", surname)
    seen, after = [], ""
    for _ in range(3):
        answer = administration_client.get(LIST, {"after": after})
        seen += [row.surname for row, _ in answer.context["listed"]]
        after = answer.context["page"].after
    assert seen == ["Ash", "Byron", "Byron", "Cole", "Dee"]
    assert after is None


def test_hiring_puts_somebody_on_the_list(administration_client: Client) -> None:
    command_id = uuid4()
    answer = send(administration_client, LIST, command_id=command_id, forename=" Ada ", surname="Lovelace")
    assert answer.redirect_chain == [(LIST, 302)]
    assert said(answer) == ["Succeeded hiring operative"]
    hired = OperativeRow.objects.get()
    assert (hired.operative_id, hired.forename, hired.surname) == (command_id, "Ada", "Lovelace")


def test_a_form_sent_twice_hires_once(administration_client: Client) -> None:
    command_id = uuid4()
    for _ in range(2):
        answer = send(administration_client, LIST, command_id=command_id, forename="Ada", surname="Lovelace")
        assert said(answer) == ["Succeeded hiring operative"]
    assert stored() == ["OperativeHired"]


def test_back_and_another_name_takes_one_more_press(administration_client: Client) -> None:
    command_id = uuid4()
    send(administration_client, LIST, command_id=command_id, forename="Ann", surname="Lee")
    refused = send(administration_client, LIST, command_id=command_id, forename="Bob", surname="Lee")
    assert refused.status_code == 422
    fresh = refused.context["form"]["command_id"].value()
    assert f'value="{fresh}"' in refused.content.decode()
    again = send(administration_client, LIST, command_id=fresh, forename="Bob", surname="Lee")
    assert said(again) == ["Succeeded hiring operative"]
    assert {row.forename for row in OperativeRow.objects.all()} == {"Ann", "Bob"}


@pytest.mark.parametrize(
    ("forename", "surname", "refusal", "field"),
    [
        ("  ", "Lovelace", "Operative must have a forename", "forename"),
        ("Ada", "", "Operative must have a surname", "surname"),
        ("", "", "Operative must have a forename", "forename"),
    ],
)
def test_a_refusal_is_shown_word_for_word_and_keeps_what_was_typed(
    administration_client: Client, forename: str, surname: str, refusal: str, field: str
) -> None:
    answer = send(administration_client, LIST, forename=forename, surname=surname)
    assert answer.status_code == 422
    assert said(answer)[0].splitlines()[:2] == ["Could not complete action: hiring operative", refusal]
    form = answer.context["form"]
    assert form.errors[field] == [refusal]
    assert (form["forename"].value(), form["surname"].value()) == (forename, surname)
    assert f'name="{field}"' in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert stored() == []


def test_a_name_has_a_longest_length(administration_client: Client) -> None:
    answer = send(administration_client, LIST, forename="A" * 101, surname="Lovelace")
    assert answer.status_code == 422
    assert answer.context["form"].errors["forename"] == ["At most 100 characters; this has 101"]
    assert stored() == []


@pytest.mark.parametrize("fields", [{}, {"command_id": "nonsense", "forename": "A", "surname": "B"}])
def test_a_form_without_its_id_is_refused(administration_client: Client, fields: dict[str, str]) -> None:
    answer = administration_client.post(LIST, fields)
    assert answer.status_code == 422
    assert answer.context["form"].errors["command_id"] == ["This form is incomplete: load the page again"]
    assert stored() == []


def test_renaming(administration_client: Client) -> None:
    ada = factories.hire("Ada", "Byron")
    assert 'value="Byron"' in administration_client.get(one(ada)).content.decode()
    answer = send(administration_client, one(ada), forename="Ada", surname="Lovelace")
    assert answer.redirect_chain == [(one(ada), 302)]
    assert said(answer) == ["Succeeded renaming operative"]
    assert str(OperativeRow.objects.get()) == "Ada Lovelace"


def test_renaming_refused(administration_client: Client) -> None:
    ada = factories.hire("Ada", "Byron")
    answer = send(administration_client, one(ada), forename="Augusta", surname=" ")
    assert answer.status_code == 422
    assert said(answer) == ["Could not complete action: renaming operative\nOperative must have a surname"]
    assert 'value="Augusta"' in answer.content.decode()


def test_the_page_says_which_of_two_namesakes_is_released(administration_client: Client) -> None:
    factories.hire("Sam", "Fox", at=factories.noon(1))
    second = factories.hire("Sam", "Fox", at=factories.noon(2))
    called = "Sam Fox (since 2 Mar 2026)"
    assert f"<h1>{called}</h1>" in administration_client.get(one(second)).content.decode()
    assert f"Release <bdi>{called}</bdi>?" in administration_client.get(release_page(second)).content.decode()
    released = send(administration_client, release_page(second)).content.decode()
    assert f'<bdi class="message-about">{called}</bdi>' in released


def test_a_release_says_what_it_means_and_asks_once_more(administration_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    page = administration_client.get(one(ada)).content.decode()
    assert "Ada has no open jobs" in page
    assert f'href="{release_page(ada)}"' in page
    question = administration_client.get(release_page(ada)).content.decode()
    assert "Release <bdi>Ada Lovelace</bdi>?" in question
    answer = send(administration_client, release_page(ada))
    assert answer.redirect_chain == [(one(ada), 302)]
    assert said(answer) == ["Succeeded releasing operative"]
    assert OperativeRow.objects.get().released_at is not None
    assert "Rename</button>" not in answer.content.decode()


def test_a_release_says_that_the_account_stays(administration_client: Client, operative: User) -> None:
    assert operative.operative_id is not None
    for page in (one(operative.operative_id), release_page(operative.operative_id)):
        assert "The account operative stays active" in administration_client.get(page).content.decode()
    alone = administration_client.get(release_page(factories.hire())).content.decode()
    assert "stays active" not in alone


@pytest.mark.parametrize(("held", "words"), [(1, "1 open job"), (3, "3 open jobs")])
def test_somebody_who_holds_work_cannot_be_released(
    administration_client: Client, held: int, words: str
) -> None:
    ada = factories.hire("Ada", "Lovelace")
    for _ in range(held):
        factories.work_at(Stage.ASSIGNED, ada)
    for page in (one(ada), release_page(ada)):
        shown = administration_client.get(page).content.decode()
        assert f"Ada has {words}" in shown
        assert f"?stage=open&amp;operative={ada}" in shown
        assert "btn-hurt" not in shown
    answer = send(administration_client, release_page(ada))
    assert answer.status_code == 422
    refusal = f"Ada cannot be released while holding {words}"
    assert said(answer) == [f"Could not complete action: releasing operative\n{refusal}"]
    assert "OperativeReleased" not in stored()


def test_somebody_who_is_released_is_neither_renamed_nor_released_again(
    administration_client: Client,
) -> None:
    ada = factories.hire("Ada", "Lovelace")
    factories.release(ada)
    answer = send(administration_client, one(ada), forename="Eve", surname="Lovelace")
    assert said(answer) == ["Could not complete action: renaming operative\nAda Lovelace has been released"]
    answer = send(administration_client, release_page(ada))
    assert answer.status_code == 422
    assert stored() == ["OperativeHired", "OperativeReleased"]


def test_nobody_of_this_id(administration_client: Client) -> None:
    for page in (one(uuid4()), release_page(uuid4())):
        assert administration_client.get(page).status_code == 404
        assert administration_client.post(page).status_code == 404


def test_the_list_costs_the_same_however_long(administration_client: Client) -> None:
    factories.work_at(Stage.ASSIGNED, factories.hire())
    before = queries_of(administration_client, LIST)
    for _ in range(3):
        factories.work_at(Stage.ASSIGNED, factories.hire())
    assert queries_of(administration_client, LIST) == before <= 10
