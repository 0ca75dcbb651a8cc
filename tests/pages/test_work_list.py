"""Finding work."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readmodels.queries import work_hits
from support.views import work
from support.work import Stage
from tests import factories
from tests.pages.page_requests import FRAGMENT, text_of

HERE = "/work/"


def titles(page: Any) -> list[str]:
    return [job.work.title for job in page.context["jobs"]]


def ask(browser: Client, **filters: Any) -> Any:
    return browser.get(HERE, filters)


@pytest.fixture
def three(db: None) -> dict[str, UUID]:
    """A boiler (job 1, assigned to Ada), a lift (job 2, waiting) and a door (job 3, completed by Peter)."""
    ada, peter = factories.hire("Ada", "Lovelace"), factories.hire("Peter", "Quill")
    cliff = factories.acquire("4 Cliff Lane", "Scarborough", "YO11 2BB", "01723 555123")
    boiler = factories.raise_work("Boiler out", "No heating; pump hums", at=factories.noon(1))
    lift = factories.raise_work("Lift stuck", "Between two floors", site_ids=[cliff], at=factories.noon(2))
    door = factories.raise_work("Door jammed", "Since the frost", site_ids=[cliff], at=factories.noon(3))
    factories.assign(boiler, ada)
    factories.assign(door, peter)
    factories.complete(door)
    return {"ada": ada, "peter": peter, "cliff": cliff, "boiler": boiler, "lift": lift, "door": door}


def test_everybody_sees_all_work_newest_first(stranger_client: Client, three: dict[str, UUID]) -> None:
    page = ask(stranger_client)
    assert titles(page) == ["Door jammed", "Lift stuck", "Boiler out"]
    words = text_of(page)
    assert "3 jobs, newest first" in words
    assert "Completed Door jammed 4 Cliff Lane, Scarborough Peter Quill" in words
    assert f'href="/work/{three["door"]}/"'.encode() in page.content


def test_namesakes_are_distinguished(stranger_client: Client) -> None:
    """In the list, in its filter, and where a text was found."""
    factories.hire("Sam", "Fox", at=factories.noon(1))
    work_id = factories.raise_work("Boiler out", at=factories.noon(3))
    factories.assign(work_id, factories.hire("Sam", "Fox", at=factories.noon(2)), at=factories.noon(3, 10))
    for called in ("Sam Fox (since 1 Mar 2026)", "Sam Fox (since 2 Mar 2026)"):
        assert called in dict(ask(stranger_client).context["form"]["operative"].field.choices).values()
    assert "1 Harbour Street, Whitby Sam Fox (since 2 Mar 2026)" in text_of(ask(stranger_client))
    factories.abandon(work_id, at=factories.noon(3, 20))
    assert "Back from: Sam Fox (since 2 Mar 2026)" in text_of(ask(stranger_client, q="fox"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("boiler", ["Boiler out"]),
        ("PUMP hums", ["Boiler out"]),
        ("cliff", ["Door jammed", "Lift stuck"]),
        ("cliff lift", ["Lift stuck"]),
        ("yo112bb", ["Door jammed", "Lift stuck"]),
        ("01723555123", ["Door jammed", "Lift stuck"]),
        ("3", ["Door jammed", "Lift stuck"]),  # job 3, and the telephone number
        ("#3", ["Door jammed"]),
        ("100%", []),
        ("_", []),
        ("zanzibar", []),
        ("999999999999999999999", []),
    ],
)
def test_text_is_looked_for_in_number_title_description_and_address(
    text: str, expected: list[str], stranger_client: Client, three: dict[str, UUID]
) -> None:
    assert titles(stranger_client.get(HERE, {"q": text}, headers=FRAGMENT)) == expected


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("raised", ["Lift stuck"]),
        ("assigned", ["Boiler out"]),
        ("completed", ["Door jammed"]),
        ("abandoned", []),
        ("open", ["Lift stuck", "Boiler out"]),
        ("waiting", ["Lift stuck"]),
        ("", ["Door jammed", "Lift stuck", "Boiler out"]),
    ],
)
def test_by_stage(stage: str, expected: list[str], stranger_client: Client, three: dict[str, UUID]) -> None:
    assert titles(ask(stranger_client, stage=stage)) == expected


def test_by_operative_and_site_together(stranger_client: Client, three: dict[str, UUID]) -> None:
    assert titles(ask(stranger_client, operative=three["peter"])) == ["Door jammed"]
    page = ask(stranger_client, site=three["cliff"])
    assert titles(page) == ["Door jammed", "Lift stuck"]
    assert "4 Cliff Lane, Scarborough" in text_of(page)
    assert titles(ask(stranger_client, site=three["cliff"], operative=three["ada"])) == []


def test_the_work_of_who_has_left_is_found(stranger_client: Client, three: dict[str, UUID]) -> None:
    factories.release(three["peter"])
    assert titles(ask(stranger_client, operative=three["peter"])) == ["Door jammed"]


def test_by_days_of_the_local_calendar_both_ends_included(stranger_client: Client) -> None:
    factories.raise_work("Last of June", at=datetime(2026, 6, 30, 22, 59, tzinfo=UTC))
    factories.raise_work("First of July", at=datetime(2026, 6, 30, 23, 0, tzinfo=UTC))
    factories.raise_work("End of July", at=datetime(2026, 7, 31, 22, 59, tzinfo=UTC))
    factories.raise_work("August", at=datetime(2026, 7, 31, 23, 0, tzinfo=UTC))
    page = ask(stranger_client, since="2026-07-01", until="2026-07-31")
    assert titles(page) == ["End of July", "First of July"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"stage": "lost"}, "There is no stage “lost”"),
        ({"operative": "nobody"}, "There is no such operative"),
        ({"operative": str(uuid4())}, "There is no such operative"),
        ({"site": "nowhere"}, "There is no such site"),
        ({"site": str(uuid4())}, "There is no such site"),
        ({"since": "31.3.2026"}, "Write the day as 2026-03-31"),
        ({"until": "2026-02-30"}, "Write the day as 2026-03-31"),
        ({"since": "0001-01-01"}, "Choose a day between 1970 and 2200"),
        ({"until": "9999-12-31"}, "Choose a day between 1970 and 2200"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "The last day lies before the first"),
        ({"q": "x" * 101}, "At most 100 characters"),
        ({"q": "a\0b"}, "Null characters are not allowed."),
        ({"after": "nonsense"}, "This page of the list does not exist; begin with the first"),
        ({"after": "9" * 40}, "This page of the list does not exist; begin with the first"),
    ],
)
def test_a_wrong_filter_is_said_clearly(
    wrong: dict[str, str], sentence: str, stranger_client: Client, three: dict[str, UUID]
) -> None:
    page = ask(stranger_client, **wrong)
    assert page.status_code == 200
    assert sentence in text_of(page)
    assert titles(page) == []


def test_the_largest_places_in_the_list_are_no_fault(stranger_client: Client, three: dict[str, UUID]) -> None:
    assert len(titles(ask(stranger_client, after="9999999999999999-999999999"))) == 3
    assert titles(ask(stranger_client, after="-9999999999999999-999999999")) == []


def test_the_fragment_answers_what_the_page_shows(stranger_client: Client, three: dict[str, UUID]) -> None:
    filters = {"q": "cliff", "stage": "", "operative": ""}
    fragment = stranger_client.get(HERE, filters, headers=FRAGMENT)
    assert titles(fragment) == ["Door jammed", "Lift stuck"]
    assert b"<html" not in fragment.content
    assert fragment.headers["HX-Push-Url"] == "/work/?q=cliff"


def test_without_filters_the_address_is_bare(stranger_client: Client) -> None:
    fragment = stranger_client.get(HERE, {"q": "", "stage": ""}, headers=FRAGMENT)
    assert fragment.headers["HX-Push-Url"] == "/work/"


def walk(browser: Client, address: str) -> list[str]:
    """The titles on the page and on all that follow it, as its links lead."""
    page = browser.get(address)
    following = page.context["page"].after
    if following is None:
        return titles(page)
    link = next(part for part in page.content.decode().split('"') if f"after={following}" in part)
    return titles(page) + walk(browser, HERE + link.replace("&amp;", "&"))


def test_pages_follow_each_other_without_loss_or_repetition(
    stranger_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PAGE", 3)
    for number in range(10):
        factories.raise_work(f"Fault {number}", at=factories.noon(1 + number // 4))  # four at the same moment
    everything = [f"Fault {number}" for number in range(9, -1, -1)]
    assert walk(stranger_client, HERE) == everything
    assert walk(stranger_client, f"{HERE}?q=fault&stage=open") == everything


def test_a_text_is_looked_for_bit_by_bit_until_all_work_has_been_read(
    stranger_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_hits, "RECENT", 2)
    monkeypatch.setattr(work_hits, "SCANNED", 4)
    monkeypatch.setattr(work_hits, "has_trigrams", lambda _: False)
    for number in range(10):
        factories.raise_work(
            "Boiler out" if number in {0, 9} else "Lift stuck", at=factories.noon(number + 1)
        )
    assert walk(stranger_client, f"{HERE}?q=boiler") == ["Boiler out", "Boiler out"]
    assert walk(stranger_client, f"{HERE}?q=bioler+out") == ["Boiler out", "Boiler out"]
    first = ask(stranger_client, q="nothing such")
    assert "Older ones have not been looked through yet" in text_of(first)
    assert walk(stranger_client, f"{HERE}?q=zanzibar") == []


def test_a_number_is_found_however_old_the_job(
    stranger_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_hits, "SCANNED", 2)
    for day in range(1, 7):
        factories.raise_work(
            f"Fault of day {day}",
            site_ids=[factories.acquire("Quay", "Whitby", "YO", "x")],
            at=factories.noon(day),
        )
    assert titles(stranger_client.get(HERE, {"q": "#1"}, headers=FRAGMENT)) == ["Fault of day 1"]


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("typed", ["cliff", "lovelace", "fault cliff", "cliff lovelace"])
def test_jobs_found_by_their_site_or_operative_are_compared_so_many_at_a_time(
    typed: str, indexed: bool, stranger_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are raised at the same moment: each is read once, and none is left out."""
    for bound, value in {"RECENT": 1, "SCANNED": 6, "COMPARED": 2, "has_trigrams": lambda _: indexed}.items():
        monkeypatch.setattr(work_hits, bound, value)
    cliff, quay = (factories.acquire(road, "Whitby", "YO", "x") for road in ("Cliff", "Quay"))
    ada, bob = factories.hire("Ada", "Lovelace"), factories.hire("Bob", "Hall")
    for number in range(12):
        here = number % 3 == 0
        job = factories.raise_work(
            f"Fault {number}", site_ids=[cliff if here else quay], at=factories.noon(1 + number // 4)
        )
        factories.assign(job, ada if here else bob)
    assert walk(stranger_client, f"{HERE}?q={typed.replace(' ', '+')}") == [
        f"Fault {number}" for number in (9, 6, 3, 0)
    ]


def test_what_is_late_is_marked(stranger_client: Client) -> None:
    late = factories.raise_work("Gas smell", at=factories.noon(1))
    factories.assign(late, factories.hire(), at=factories.noon(1))
    factories.set_out(late, at=factories.noon(1), estimated_arrival=factories.noon(1, 30))
    assert "On the way Late" in text_of(ask(stranger_client))


@pytest.mark.parametrize(
    ("filters", "words"),
    [({}, "No work yet"), ({"stage": "open"}, "No work matches")],
)
def test_an_empty_list_says_what_to_do_next(
    filters: dict[str, str], words: str, stranger_client: Client
) -> None:
    assert words in text_of(ask(stranger_client, **filters))


def test_only_who_raises_work_is_led_to_raise_it(response_client: Client, stranger_client: Client) -> None:
    assert "Raise the first" in text_of(ask(response_client))
    assert "/response/" not in ask(stranger_client).content.decode()


def test_nothing_is_changed_here(response_client: Client) -> None:
    assert response_client.post(HERE).status_code == 405


def test_the_number_of_queries_does_not_grow(stranger_client: Client) -> None:
    site, peter = factories.acquire(), factories.hire("Peter", "Quill")
    counts = []
    for more in (3, 57):
        for _ in range(more):
            factories.assign(factories.raise_work(site_ids=[site, factories.acquire()]), peter)
        factories.abandon(factories.work_at(Stage.ASSIGNED, peter))
        with CaptureQueriesContext(connection) as queries:
            ask(stranger_client, site=site, operative=peter, stage="open", q="boiler", since="2020-01-01")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


@pytest.mark.parametrize("typed", ["2", "#2", " 2 "])
def test_a_number_goes_to_the_job(typed: str, stranger_client: Client, three: dict[str, UUID]) -> None:
    assert ask(stranger_client, q=typed).headers["Location"] == f"/work/{three['lift']}/"


def test_a_number_with_another_filter_is_looked_for(stranger_client: Client, three: dict[str, UUID]) -> None:
    assert titles(ask(stranger_client, q="2", stage="open"))[0] == "Lift stuck"
    assert titles(ask(stranger_client, q="4711")) == []


def test_outcomes_notes_and_operatives_are_looked_at_and_the_page_shows_where_it_hit(
    stranger_client: Client, three: dict[str, UUID]
) -> None:
    factories.abandon(three["boiler"], note="Needs a Scaffold first")
    assert "Given back: Needs a Scaffold first" in text_of(ask(stranger_client, q="boiler scaffold"))
    assert titles(ask(stranger_client, q="lovelace")) == ["Boiler out"]
    assert "Back from: Ada Lovelace" in text_of(ask(stranger_client, q="lovelace"))
    assert "Site: YO11 2BB, 01723 555123" in text_of(ask(stranger_client, q="+44 1723 555123 door"))
    assert "Description: No heating; pump hums" in text_of(ask(stranger_client, q="pump"))
    assert titles(ask(stranger_client, q="peter frost")) == ["Door jammed"]


@pytest.mark.parametrize("typed", ["+44 115 496 0173", "0115 496 0173", "0044 115 4960173", "01154960173"])
@pytest.mark.parametrize("written", ["Rang 0115 496 0173 twice", "Rang +44 115 496 0173 twice"])
def test_a_telephone_number_in_the_text_of_a_job_is_found_in_any_spelling(
    written: str, typed: str, stranger_client: Client
) -> None:
    factories.raise_work("Boiler out", written)
    assert f"Description: {written}" in text_of(ask(stranger_client, q=typed))


def test_an_undone_note_is_not_found(stranger_client: Client, three: dict[str, UUID]) -> None:
    factories.complete(three["boiler"], outcome="Replaced the thermostat")
    assert titles(ask(stranger_client, q="thermostat")) == ["Boiler out"]
    factories.undo(three["boiler"])
    assert titles(ask(stranger_client, q="thermostat")) == []


@pytest.mark.parametrize("typed", ["boilr", "bioler", "boiler lovelcae", "clif lift"])
def test_a_slip_of_one_letter_still_finds(
    typed: str, stranger_client: Client, three: dict[str, UUID]
) -> None:
    assert titles(ask(stranger_client, q=typed)) == (["Lift stuck"] if "lift" in typed else ["Boiler out"])


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Ärger im Keller", "Ärger"),
        ("Übergabe", "ubergabe"),
        ("Протечка", "протечка"),
        ("Протечка", "ПРОТЕЧКА"),
        ("A\u0308rger", "\u00e4rger"),
        ("Children\u2019s Centre", "childrens centre"),
        ("Straße", "strasse"),
    ],
)
def test_text_is_found_as_people_type_it(title: str, typed: str, stranger_client: Client) -> None:
    factories.raise_work(title)
    assert titles(ask(stranger_client, q=typed)) == [title]


def test_a_rare_word_is_found_by_an_index_however_old_the_job(
    stranger_client: Client, three: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_hits, "RECENT", 1)
    monkeypatch.setattr(work_hits, "has_trigrams", lambda _: True)
    factories.abandon(three["boiler"])
    for day in range(4, 8):
        factories.raise_work(
            "Gate", site_ids=[factories.acquire("Quay", "Whitby", "YO", "x")], at=factories.noon(day)
        )
    assert titles(ask(stranger_client, q="boiler pump")) == ["Boiler out"]
    assert titles(ask(stranger_client, q="cliff lane")) == ["Door jammed", "Lift stuck"]
    assert titles(ask(stranger_client, q="lovelace")) == ["Boiler out"]
    assert titles(ask(stranger_client, q="quill door")) == ["Door jammed"]
    assert titles(ask(stranger_client, q="bioler")) == ["Boiler out"]
    assert walk(stranger_client, f"{HERE}?q=zanzibar") == []


def test_while_searching_a_title_is_shown_whole(stranger_client: Client, three: dict[str, UUID]) -> None:
    """The word that was looked for may be its last."""
    link = f'class="clip" href="/work/{three["boiler"]}/"'
    assert link in ask(stranger_client).content.decode()
    found = ask(stranger_client, q="boiler")
    assert "Boiler out" in titles(found)
    assert link not in found.content.decode()
