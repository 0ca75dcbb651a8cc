"""On a long board nothing moves under the pointer, whatever is pressed, wherever it is scrolled; the
keyboard focus stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from readmodels.models import WorkRow
from readmodels.queries.crew import crew
from support.work import Stage
from tests import factories
from tests.browser.busy_day import late_job
from tests.browser.test_impatience import answers_held
from tests.browser.visit import a_moment_later, let_in, when_asked_again

SCROLLED = """() => ({page: scrollY, tray: document.getElementById("tray-list").scrollTop})"""
MIDDLE = """(selector) => {
  const all = [...document.querySelectorAll(selector)].map((each) => each.getBoundingClientRect());
  const near = (box) => box.top > 320 && box.bottom < innerHeight - 120;
  const box = all.find(near);
  return {x: box.x + 12, y: box.y + box.height / 2};
}"""
UNDER = """({x, y}) => {
  const found = document.elementFromPoint(x, y).closest("button, a");
  return found.id || found.getAttribute("href");
}"""


@pytest.mark.parametrize("address", ["/control/?lanes=full", "/control/?lanes=compact&sort=free"])
@pytest.mark.parametrize("scrolled", [60, 250])
def test_nothing_moves_whatever_is_pressed(long_board: Page, address: str, scrolled: int) -> None:
    page = long_board
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(address)
    page.evaluate(f"scrollTo(0, {scrolled})")
    page.locator("#tray-list").evaluate("(each) => { each.scrollTop = 150; }")
    before = page.evaluate(SCROLLED)
    assert before == {"page": scrolled, "tray": 150}

    for _ in range(3):
        at = page.evaluate(MIDDLE, ".assign-to")
        under = page.evaluate(UNDER, at)
        chosen = page.locator("#chosen-title").text_content()
        page.mouse.click(at["x"], at["y"])
        expect(page.locator("#chosen-title")).not_to_have_text(chosen or "")
        a_moment_later(page)
        assert page.evaluate(SCROLLED) == before
        assert page.evaluate(UNDER, at) == under

    at = page.evaluate(MIDDLE, ".tray-list a.job")
    under = page.evaluate(UNDER, at)
    page.mouse.click(at["x"], at["y"])
    expect(page.get_by_text("Chosen", exact=True)).to_be_visible()
    expect(page.locator("#assign-whom")).to_be_focused()
    assert page.evaluate(SCROLLED) == before
    assert page.evaluate(UNDER, at) == under


TOPS = """() => [...document.querySelectorAll("main .panel")].slice(0, 5)
  .map((each) => each.getBoundingClientRect().y)"""
NAMES = [
    "Li Na",
    "Bartholomew Featherstonehaugh-Cholmondeley",
    "Maximiliane von Hohenzollern",
    "Ada Okonkwo-Castle",
]
ASSIGNABLE = """() => [...document.querySelectorAll(".assign-to")].map((each) => each.getBoundingClientRect())
  .filter((box) => box.top > 60 && box.bottom < innerHeight - 10)
  .map((box) => ({x: box.x + box.width / 2, y: box.y + box.height / 2}))"""


@pytest.fixture
def full_board(desk: Page, control: User, live_server: Any) -> Page:
    """Sixty operatives, with names of any length, every second at work; and sixty jobs that wait."""
    for n in range(60):
        forename, _, surname = NAMES[n % len(NAMES)].partition(" ")
        holder = factories.hire(forename, f"{surname} {n:02}")
        factories.raise_work(f"Fault {n:02}", at=timezone.now() - timedelta(hours=70 - n))
        for _ in range(5 if n % 2 else 0):
            factories.work_at(Stage.ASSIGNED, holder)
    desk.clock.install()
    let_in(desk, control, live_server.url)
    return desk


@pytest.mark.parametrize(
    "address", ["lanes=compact", "lanes=compact&sort=free", "lanes=full&sort=late", "state=free"]
)
def test_sixty_lanes_stay_under_the_pointer_when_state_and_load_change(
    full_board: Page, address: str
) -> None:
    page = full_board
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(f"/control/?{address}")
    for scrolled in (0, 60, 400):
        page.mouse.move(2, 2)
        page.evaluate(f"scrollTo(0, {scrolled})")
        for place in page.evaluate(ASSIGNABLE)[:8]:
            under = page.evaluate(UNDER, place)
            chosen = page.locator("#chosen-title").text_content()
            page.mouse.click(place["x"], place["y"])
            expect(page.locator("#chosen-title")).not_to_have_text(chosen or "")
            a_moment_later(page)
            assert page.evaluate("scrollY") == scrolled
            assert page.evaluate(UNDER, place) == under


@pytest.mark.parametrize("narrowed", ["sort=free", "state=free", "sort=late"])
def test_lanes_keep_their_order_whatever_a_colleague_does_meanwhile(full_board: Page, narrowed: str) -> None:
    page = full_board
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(f"/control/?lanes=compact&{narrowed}")
    lanes = "() => [...document.querySelectorAll('.lane')].map((each) => each.id)"
    before = page.evaluate(lanes)
    for lane in before[6:9]:
        late_job(UUID(lane.removeprefix("lane-")))
    place = page.evaluate(ASSIGNABLE)[4]
    under = page.evaluate(UNDER, place)
    page.mouse.click(place["x"], place["y"])
    expect(page.get_by_text("Succeeded assigning work")).to_be_visible()
    a_moment_later(page)
    assert page.evaluate(lanes) == before
    assert page.evaluate(UNDER, place) == under
    row = page.evaluate(MIDDLE, ".tray-list a.job")
    page.mouse.click(row["x"], row["y"])  # a locator's click may scroll
    expect(page.get_by_text("Chosen", exact=True)).to_be_visible()
    assert page.evaluate(lanes) == before
    assert page.evaluate(UNDER, place) == under
    page.reload()
    assert page.evaluate(lanes) != before


def test_a_refused_assignment_puts_nothing_else_under_the_pointer(long_board: Page) -> None:
    page = long_board
    page.goto("/control/")
    box = page.locator("#assign-chosen").bounding_box()
    page.locator("#assign-chosen").click()
    expect(page.get_by_text("Chosen", exact=True)).to_be_visible()
    assert page.locator("#assign-chosen").bounding_box() == box
    a_moment_later(page)
    first = WorkRow.objects.order_by("number").first()
    assert first
    factories.assign(first.pk, crew(timezone.now()).everybody[0].operative.pk)
    page.locator("#assign-whom").select_option(index=3)
    page.locator("#assign-chosen").click()
    expect(page.get_by_text("What you chose no longer waits")).to_be_visible()
    assert page.locator("#assign-chosen").bounding_box() == box


def test_news_and_what_becomes_of_it_move_nothing(long_board: Page) -> None:
    page = long_board
    for width in (390, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/control/", "/work/", "/operatives/"):
            page.goto(address)
            before = page.evaluate(TOPS)
            factories.raise_work("Gas smell")
            when_asked_again(page, page.locator(".news a"))
            assert page.evaluate(TOPS) == before, (width, address)


def test_what_was_announced_is_brought_into_sight(long_board: Page) -> None:
    page = long_board
    page.goto("/control/")
    page.locator("#tray-list").evaluate("(each) => { each.scrollTop = 400; }")
    factories.raise_work("Gas smell")
    news = page.get_by_role("link", name="1 new")
    when_asked_again(page, news)
    news.click()
    expect(page.locator(".tray-pinned")).to_contain_text("Gas smell")
    expect(page.locator(".tray-pinned a.job")).to_be_in_viewport()
    expect(page.locator(".tray-pinned .is-new")).to_have_text("New")


def test_the_keys_go_on_at_the_next_row_after_an_assignment(long_board: Page) -> None:
    page = long_board
    page.goto("/control/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    for n in (1, 2, 3):
        row = page.locator(".tray-rows a.job").filter(has_text=f"Fault {n:02}")
        expect(row).to_be_focused()
        page.keyboard.press("a")
        expect(page.locator("#assign-whom")).to_be_focused()
        expect(page.locator("#chosen-title")).to_have_text(f"Fault {n:02}")
        page.keyboard.type("Ada Number 0")
        a_moment_later(page)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#chosen-title")).to_have_text("Fault 00")
    expect(page.locator(".tray-rows a.job").filter(has_text="Fault 04")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".tray-rows a.job").filter(has_text="Fault 05")).to_be_focused()


def test_keys_move_neither_a_scrolled_page_nor_a_scrolled_tray(long_board: Page) -> None:
    page = long_board
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto("/control/?lanes=full")
    page.evaluate("scrollTo(0, 500)")
    page.locator("#tray-list").evaluate("(each) => { each.scrollTop = 300; }")
    before = page.evaluate(SCROLLED)
    page.keyboard.press("j")
    expect(page.locator("[data-marked] a.job")).to_be_focused()
    assert page.evaluate(SCROLLED) == before
    for _ in range(12):
        page.keyboard.press("j")
        assert page.evaluate("scrollY") == before["page"]
        expect(page.locator("[data-marked] a.job")).to_be_in_viewport(ratio=1)
    assert page.evaluate(SCROLLED)["tray"] > before["tray"]


def test_a_name_typed_before_the_choice_is_there_chooses_all_the_same(long_board: Page) -> None:
    page = long_board
    page.goto("/control/")
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    with answers_held(page, "**/control/?work=*"):
        page.keyboard.press("a")
        page.keyboard.type("Ada Numb")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#notice")).to_have_text("Still being loaded. 1 press not taken")
    whom = page.locator("#assign-whom")
    expect(whom).to_be_focused()
    page.keyboard.type("er 07")
    expect(whom.locator("option:checked")).to_contain_text("Ada Number 07")
    page.keyboard.type("x")
    expect(page.locator("#notice")).to_have_text("No name begins with “ada number 07x”")


def test_no_key_of_twenty_is_dropped_in_silence(long_board: Page) -> None:
    page = long_board
    page.goto("/control/")
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#assign-whom")).to_be_focused()
    page.keyboard.type("Ada Number 03")
    a_moment_later(page)
    with answers_held(page, "**/assign/") as sent:
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("button", name="Sending…")).to_be_visible()
        for n in range(1, 11):
            page.clock.fast_forward(500)
            page.keyboard.press(["Control+Enter", "j", "a"][n % 3])
            expect(page.locator("#notice")).to_have_text(
                f"Still being sent. {'1 press' if n == 1 else f'{n} presses'} not taken"
            )
        assert len(sent) == 1
    expect(page.locator("#notice")).to_have_text("10 presses were not taken")
    expect(page.locator("#chosen-title")).to_have_text("Fault 01")
    page.clock.fast_forward(1_600)
    expect(page.locator("#notice")).to_be_empty()
    for _ in range(10):
        page.clock.fast_forward(500)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#notice")).to_have_text("Nothing here to send: choose first")
    assert WorkRow.objects.filter(stage=Stage.ASSIGNED).count() == 1


def test_the_tray_alone_shows_nothing_that_is_for_lanes(long_board: Page) -> None:
    page = long_board
    page.goto("/control/?lanes=none")
    expect(page.get_by_role("link", name="Beside the lanes")).to_be_visible()
    expect(page.get_by_role("search", name="Operatives")).to_have_count(0)
    page.locator("#tray-q").press_sequentially("Fault 07")
    page.clock.fast_forward(1_000)
    expect(page.locator(".tray-rows a.job")).to_have_count(1)
    expect(page.locator("#tray-filters[open]")).to_have_count(0)


def test_a_printed_board_says_how_much_of_it_is_on_paper(long_board: Page) -> None:
    for n in range(20):
        factories.raise_work(f"More {n:02}")
    page = long_board
    page.goto("/control/")
    page.emulate_media(media="print")
    expect(page.locator(".tray .count")).to_have_text("40 of 50", use_inner_text=True)
    expect(page.locator(".chosen")).to_be_hidden()


def test_a_comfortable_board_shows_twelve_jobs_and_eight_operatives(long_board: Page) -> None:
    long_board.set_viewport_size({"width": 1440, "height": 900})
    for member in crew(timezone.now()).everybody:
        factories.work_at(Stage.ASSIGNED, member.operative.pk)
    for address in ("/control/?lanes=full", "/control/?lanes=compact"):
        long_board.goto(address)
        seen = long_board.evaluate(
            """() => ["a.job, a.running", ".lane"].map((selector) => [...document.querySelectorAll(selector)]
              .filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect())
              .filter((box) => box.bottom <= innerHeight).length)"""
        )
        jobs, operatives = seen
        assert operatives >= 8, (address, seen)
        assert jobs >= 12, (address, seen)


def test_on_a_telephone_what_was_chosen_can_be_assigned_wherever_one_is_in_the_tray(
    telephone: Page, control: User, live_server: Any
) -> None:
    for n in range(40):
        factories.hire("Ada", f"Number {n:02}")
        factories.raise_work(f"Fault {n:02}", "Water comes in. " * 30)
    telephone.clock.install()
    let_in(telephone, control, live_server.url)
    telephone.goto("/control/")
    expect(telephone.get_by_role("search", name="Operatives")).not_to_be_in_viewport()
    row = telephone.locator(".tray-rows a.job").nth(18)
    row.evaluate("(each) => scrollTo(0, scrollY + each.getBoundingClientRect().top - 300)")
    at = row.bounding_box()
    row.tap()
    expect(telephone.locator("#chosen-title")).to_have_text("Fault 18")
    assert row.bounding_box() == at
    button = telephone.locator("#assign-chosen")
    expect(button).to_be_in_viewport(ratio=1)
    place = button.bounding_box()
    assert place
    telephone.locator("#assign-whom").select_option(index=7)
    a_moment_later(telephone)
    button.tap()
    expect(telephone.get_by_text("Succeeded assigning work")).to_be_in_viewport(ratio=1)
    assert button.bounding_box() == place
    assert telephone.evaluate(UNDER, {"x": place["x"] + 9, "y": place["y"] + 9}) == "assign-chosen"
    telephone.get_by_role("link", name="Operatives", exact=True).last.tap()
    expect(telephone.get_by_role("search", name="Operatives")).to_be_in_viewport()


def test_a_long_word_hides_no_place_and_widens_nothing(desk: Page, control: User, live_server: Any) -> None:
    word = "Llanfairpwllgwyngyll" * 6
    site = factories.acquire(f"1 {word}"[:100], "Whitby")
    factories.raise_work(f"Sign {word}"[:100], site_ids=[site])
    let_in(desk, control, live_server.url)
    for width in (320, 1280):
        desk.set_viewport_size({"width": width, "height": 700})
        desk.goto("/work/")
        shown = desk.locator(".clip").evaluate_all(
            """(all) => all.map((each) => {
              const range = document.createRange();
              range.selectNodeContents(each);
              return range.getClientRects()[0].width / each.getBoundingClientRect().width;
            })"""
        )
        assert shown
        assert all(share > 0.6 for share in shown), (width, shown)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width
