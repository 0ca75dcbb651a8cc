"""The call: find sites, see what is open there, raise work and stay for the next call."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from readmodels.models import WorkRow
from readmodels.queries.calls import FOUND, RECENT
from support.forms.raise_work import DESCRIPTION, SITES, TITLE
from support.work import Stage
from tests import factories
from tests.pages.page_requests import FRAGMENT, events_of, said, text_of

HERE = "/response/"
REFUSED = "Could not complete action: raising work"
SENT_BEFORE = "This form was sent before with other contents. Start from a fresh form to send these"


def call(site_ids: list[UUID] | None = None, **changes: Any) -> dict[str, Any]:
    """What the form sends, complete unless changed."""
    form = {
        "command_id": str(uuid4()),
        "sites": [factories.acquire()] if site_ids is None else site_ids,
        "title": "Boiler out",
        "description": "No heating since this morning.",
        "q": "",
    }
    return {**form, **changes}


def look(browser: Client, **asked: Any) -> Any:
    return browser.get(HERE, asked)


def ticked(page: Any) -> list[UUID]:
    return [place.site.pk for place in page.context["desk"].places if place.ticked]


def found(page: Any) -> list[str]:
    return [place.site.address_line_1 for place in page.context["desk"].places]


# --- Finding sites


@pytest.mark.parametrize(
    "typed",
    [
        "harbour",
        "HARBOUR street",
        "whitby",
        "yo21 1aa",
        "YO211AA",
        "01947 600 001",
        "+44 1947/600001",
        "600001",
    ],
)
def test_sites_are_found_as_a_caller_names_them(typed: str, response_client: Client) -> None:
    factories.acquire()
    factories.acquire("9 Mill Lane", "York", "YO1 9ZZ", "01904 555555")
    page = look(response_client, q=typed)
    assert found(page) == ["1 Harbour Street"]
    assert "1 site found." in text_of(page)


def test_the_fragment_answers_what_the_page_shows(response_client: Client) -> None:
    factories.acquire()
    fragment = response_client.get(HERE, {"q": "harbour"}, headers=FRAGMENT)
    assert found(fragment) == ["1 Harbour Street"]
    assert b"<html" not in fragment.content
    assert b'id="places"' in fragment.content


def test_without_javascript_the_search_button_keeps_everything_typed(response_client: Client) -> None:
    kept, sought = factories.acquire(), factories.acquire("9 Mill Lane", "York")
    sent = call([kept], q="mill", search="yes", title="Lift stuck", description="Between\nfloors")
    page = response_client.post(HERE, sent)
    assert page.status_code == 200
    assert ticked(page) == [kept]
    assert [place.site.pk for place in page.context["desk"].places] == [kept, sought]
    assert b'value="Lift stuck"' in page.content
    assert b"Between\nfloors</textarea>" in page.content
    assert page.context["form"]["command_id"].value() == sent["command_id"]
    assert not page.context["form"].errors
    assert not WorkRow.objects.exists()


def test_without_javascript_enter_searches_until_there_is_a_title(response_client: Client) -> None:
    site = factories.acquire()
    page = response_client.post(HERE, call([], q="harbour", title=" ", description="", enter="yes"))
    assert page.status_code == 200
    assert found(page) == ["1 Harbour Street"]
    assert not page.context["form"].errors
    page = response_client.post(HERE, call([site], enter="yes"), follow=True)
    assert said(page) == ["Succeeded raising work"]


def test_with_htmx_enter_in_an_empty_title_is_told_what_is_missing(response_client: Client) -> None:
    page = response_client.post(HERE, call(title="", enter="yes"), headers=FRAGMENT)
    assert page.status_code == 422


def test_ticked_sites_stay_first_while_searching_on(response_client: Client) -> None:
    first, second = factories.acquire(), factories.acquire("9 Mill Lane", "York")
    page = look(response_client, q="whitby", sites=[second, first])
    assert ticked(page) == [second, first]
    assert found(page) == ["9 Mill Lane", "1 Harbour Street"]


def test_relinquished_sites_are_not_found(response_client: Client) -> None:
    factories.relinquish(factories.acquire())
    page = look(response_client, q="harbour")
    assert found(page) == []
    assert "No sites yet: Administration acquires them." in text_of(page)


def test_nothing_found_says_what_to_try(response_client: Client) -> None:
    factories.acquire()
    words = text_of(look(response_client, q="zanzibar"))
    assert "No site matches “zanzibar”. Try part of the address" in words


def test_more_than_fit_say_so(response_client: Client) -> None:
    for number in range(FOUND + 1):
        factories.acquire(f"{number} Harbour Street")
    page = look(response_client, q="harbour")
    assert len(found(page)) == FOUND
    assert f"The first {FOUND} sites. More match" in text_of(page)


@pytest.mark.parametrize("odd", [{"q": "a\0b"}, {"sites": "no-uuid"}, {"q": "x" * 5000}, {"sites": uuid4()}])
def test_an_odd_address_is_no_fault(odd: dict[str, Any], response_client: Client) -> None:
    assert look(response_client, **odd).status_code == 200


# --- What is there already


def test_a_ticked_site_shows_what_is_open_there_and_the_last_visits(response_client: Client) -> None:
    site, peter = factories.acquire(), factories.hire("Peter", "Quill")
    opened = factories.raise_work("Boiler out", site_ids=[site], at=factories.noon(3))
    factories.raise_work("Lift stuck", site_ids=[site], at=factories.noon(4))
    done = factories.raise_work("Door jammed", site_ids=[site], at=factories.noon(1))
    factories.assign(done, peter, at=factories.noon(1))
    factories.complete(done, "Planed the door", at=factories.noon(2))
    factories.raise_work("Elsewhere")
    page = look(response_client, sites=site)
    [history] = page.context["desk"].histories
    assert [job.work.title for job in history.open] == ["Lift stuck", "Boiler out"]
    assert [job.work.title for job in history.done] == ["Door jammed"]
    words = text_of(page)
    assert "2 jobs open here" in words
    assert "Peter Quill, without a visit, reported by user-0 Planed the door" in words
    assert f'href="/work/{opened}/"'.encode() in page.content


def test_a_site_with_much_history_shows_the_newest_and_counts_all(response_client: Client) -> None:
    site = factories.acquire()
    for day in range(1, 8):
        factories.raise_work(f"Fault {day}", site_ids=[site], at=factories.noon(day))
    page = look(response_client, sites=site)
    [history] = page.context["desk"].histories
    assert [job.work.title for job in history.open] == ["Fault 7", "Fault 6", "Fault 5", "Fault 4"]
    assert "All 7 open jobs" in text_of(page)


def test_a_site_found_says_how_much_is_open_there(response_client: Client) -> None:
    site = factories.acquire()
    factories.raise_work(site_ids=[site])
    assert "1 open" in text_of(look(response_client, q="harbour"))


def test_recent_work_is_the_newest_first(response_client: Client) -> None:
    for day in range(1, RECENT + 3):
        factories.raise_work(f"Fault {day}", at=factories.noon(day))
    recent = response_client.get(HERE).context["desk"].recent
    assert [job.work.title for job in recent] == [f"Fault {day}" for day in range(RECENT + 2, 2, -1)]


def test_the_first_visitor_is_told_what_comes_first(response_client: Client) -> None:
    words = text_of(response_client.get(HERE))
    assert "No sites yet: Administration acquires them." in words
    assert "No work yet" in words


# --- Raising


def test_raising_work_and_staying_for_the_next_call(response_client: Client, response: User) -> None:
    site, other = factories.acquire(), factories.acquire("9 Mill Lane", "York")
    sent = call([site, other], description="First\r\nsecond")
    answer = response_client.post(HERE, sent)
    assert answer.status_code == 302
    page = response_client.get(answer.headers["Location"])
    assert said(page) == ["Succeeded raising work"]
    assert "Last raised: 1 Boiler out" in text_of(page)
    row = WorkRow.objects.get(pk=sent["command_id"])
    assert (row.title, row.description, row.raised_by) == ("Boiler out", "First\nsecond", response.actor)
    assert list(row.places.order_by("place").values_list("site_id", flat=True)) == [site, other]
    assert ticked(page) == []
    assert page.context["form"]["command_id"].value() != sent["command_id"]


def test_raising_work_with_htmx_answers_the_fragment_with_the_message(response_client: Client) -> None:
    answer = response_client.post(HERE, call(), headers=FRAGMENT, follow=True)
    assert b"<html" not in answer.content
    assert "Succeeded raising work" in text_of(answer)
    assert b'<div id="call"' in answer.content


def test_the_same_form_sent_twice_is_one_job(response_client: Client) -> None:
    sent = call()
    for _ in range(2):
        page = response_client.post(HERE, sent, follow=True)
        assert said(page) == ["Succeeded raising work"]
    assert events_of(UUID(sent["command_id"])) == ["WorkRaised"]
    assert WorkRow.objects.count() == 1


def test_a_form_gone_back_to_and_changed_is_refused_and_comes_back_fresh(response_client: Client) -> None:
    sent = call()
    response_client.post(HERE, sent, follow=True)
    page = response_client.post(HERE, {**sent, "title": "Lift stuck"})
    assert page.status_code == 422
    assert said(page) == [f"{REFUSED}\n{SENT_BEFORE}"]
    assert b'value="Lift stuck"' in page.content
    assert WorkRow.objects.count() == 1
    again = {**sent, "title": "Lift stuck", "command_id": page.context["form"]["command_id"].value()}
    assert said(response_client.post(HERE, again, follow=True)) == ["Succeeded raising work"]
    assert WorkRow.objects.count() == 2


MISSING = {
    "title": "Work must have a title",
    "description": "Work must have a description",
    "sites": "Work must have at least one Site added",
}


@pytest.mark.parametrize("field", MISSING)
def test_a_refusal_is_told_word_for_word_and_keeps_what_was_typed(
    field: str, response_client: Client
) -> None:
    site = factories.acquire()
    sent = call([site], q="mill", **{field: [] if field == "sites" else " \r\n\t "})
    page = response_client.post(HERE, sent)
    assert page.status_code == 422
    assert said(page) == [f"{REFUSED}\n{MISSING[field]}"]
    assert page.context["form"].errors[field] == [MISSING[field]]
    assert page.context["q"] == "mill"
    assert ticked(page) == ([] if field == "sites" else [site])
    if field != "title":
        assert b'value="Boiler out"' in page.content
    if field != "description":
        assert b"No heating since this morning.</textarea>" in page.content
    assert page.content.count(b'aria-invalid="true"') == 1
    assert b"autofocus" not in page.content
    assert not WorkRow.objects.exists()


def test_everything_that_is_missing_is_told_at_once(response_client: Client) -> None:
    page = response_client.post(HERE, call([], title="", description=""))
    assert said(page)[0].split("\n") == [REFUSED, MISSING["sites"], MISSING["title"], MISSING["description"]]


def test_a_refused_fragment_is_a_fragment(response_client: Client) -> None:
    page = response_client.post(HERE, call(title=""), headers=FRAGMENT)
    assert page.status_code == 422
    assert b"<html" not in page.content
    assert f"{REFUSED} Work must have a title" in text_of(page)


def test_a_site_relinquished_during_the_call_is_refused_by_name(response_client: Client) -> None:
    site = factories.acquire()
    factories.relinquish(site)
    page = response_client.post(HERE, call([site]))
    assert page.status_code == 422
    name = "1 Harbour Street, Whitby has been relinquished; no new work can be raised there"
    assert said(page) == [f"{REFUSED}\n{name}"]
    assert "Relinquished" in text_of(page)
    assert ticked(page) == [site]


def test_an_unknown_site_is_refused(response_client: Client) -> None:
    unknown = uuid4()
    page = response_client.post(HERE, call([unknown]))
    assert said(page) == [f"{REFUSED}\nThere is no site {unknown}"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": "x" * (TITLE + 1)}, "Title: At most 200 characters; this has 201"),
        ({"description": "x" * (DESCRIPTION + 1)}, "Description: At most 10000 characters; this has 10001"),
        ({"sites": ["no-uuid"]}, "Sites: A ticked site could not be understood; search for it again"),
        ({"sites": [uuid4() for _ in range(SITES + 1)]}, "Sites: At most 50; 51 are ticked"),
        ({"title": "a\0b"}, "Title: Null characters are not allowed."),
        ({"command_id": ""}, "This form is incomplete: load the page again"),
    ],
)
def test_what_does_not_fit_is_said_clearly(
    changes: dict[str, Any], sentence: str, response_client: Client
) -> None:
    page = response_client.post(HERE, call(**changes))
    assert page.status_code == 422
    assert sentence in said(page)[0]
    assert not WorkRow.objects.exists()


def test_what_just_fits_is_taken(response_client: Client) -> None:
    lines = "x\r\n" * (DESCRIPTION // 2)  # browsers send two characters for the end of a line
    page = response_client.post(HERE, call(title="x" * TITLE, description=lines), follow=True)
    assert said(page) == ["Succeeded raising work"]


def test_an_id_that_is_taken_is_refused(response_client: Client) -> None:
    work_id = factories.work_at(Stage.RAISED)
    page = response_client.post(HERE, call(command_id=str(work_id)))
    assert said(page) == [f"{REFUSED}\nThis work has already been raised"]


def test_other_methods_are_not_allowed(response_client: Client) -> None:
    assert response_client.put(HERE).status_code == 405


@pytest.mark.parametrize("who", ["control_client", "operative_client", "stranger_client"])
def test_somebody_who_does_not_raise_work_may_not(who: str, request: pytest.FixtureRequest) -> None:
    browser = request.getfixturevalue(who)
    assert browser.get(HERE).status_code == 403
    assert browser.post(HERE, call()).status_code == 403
    assert not WorkRow.objects.exists()


def test_the_number_of_queries_does_not_grow(response_client: Client) -> None:
    sites = [factories.acquire(f"{number} Harbour Street") for number in range(9)]
    counts = []
    for upto in (2, 9):
        for site in sites[:upto]:
            for _ in range(2):
                factories.raise_work(site_ids=[site])
            done = factories.raise_work(site_ids=[site, sites[0]])
            factories.assign(done, factories.hire())
            factories.complete(done)
        with CaptureQueriesContext(connection) as queries:
            look(response_client, q="harbour", sites=sites[:upto])
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10
