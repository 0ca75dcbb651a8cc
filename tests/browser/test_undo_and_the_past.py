"""A wrong press is taken back, and a job is looked at as it was."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from support.work import Stage
from tests import factories
from tests.browser.busy_day import busy_day
from tests.browser.inspection import faults_of
from tests.browser.page_rules import Watch
from tests.browser.visit import a_moment_later, let_in, sign_in
from tests.conftest import person


def test_an_operative_presses_too_soon_and_takes_it_back(telephone: Page, operative: User) -> None:
    factories.work_at(Stage.DISPATCHED, operative.operative_id)
    telephone.clock.install()
    sign_in(telephone, "operative")
    telephone.goto(f"/operatives/{operative.operative_id}/")
    telephone.get_by_role("button", name="Arrived").click()
    expect(telephone.get_by_text("Succeeded arriving on site")).to_be_visible()
    a_moment_later(telephone)
    telephone.get_by_role("button", name="Undo").click()
    expect(telephone.get_by_text("Succeeded undoing arrival")).to_be_visible()
    expect(telephone.get_by_role("button", name="Arrived")).to_be_visible()
    expect(telephone.get_by_role("button", name="Undo")).to_have_count(0)


def test_control_takes_back_an_assignment_on_the_board(desk: Page, control: User) -> None:
    factories.hire("Ada", "Lovelace")
    factories.raise_work("Boiler out")
    desk.clock.install()
    sign_in(desk, "control")
    desk.goto("/control/")
    desk.get_by_role("button", name="Assign to Ada").click()
    expect(desk.get_by_role("article", name="Ada Lovelace")).to_contain_text("Boiler out")
    a_moment_later(desk)
    desk.get_by_role("button", name="Undo").click()
    expect(desk.get_by_text("Succeeded undoing assignment")).to_be_visible()
    expect(desk).to_have_url(f"{desk.url.split('/control/')[0]}/control/")
    expect(desk.get_by_role("button", name="Assign to Ada")).to_be_visible()


def test_without_a_script_from_the_jobs_own_page(no_script: Page, control: User) -> None:
    work_id = factories.work_at(Stage.ASSIGNED)
    factories.complete(work_id, by=control.actor)
    sign_in(no_script, "control")
    no_script.goto(f"/work/{work_id}/")
    no_script.get_by_role("button", name="Undo completion").click()
    expect(no_script.get_by_text("Succeeded undoing completion")).to_be_visible()
    expect(no_script.get_by_role("heading", name="Control undid the completion")).to_be_visible()
    no_script.get_by_role("link", name="The job as it was then").last.click()
    expect(no_script.get_by_text("See it as it is now")).to_be_visible()
    no_script.get_by_role("link", name="See it as it is now").click()
    expect(no_script).to_have_url(f"{no_script.url.split('/work/')[0]}/work/{work_id}/")


def faultless(page: Page) -> None:
    faults = faults_of(page)
    assert not faults, "\n" + "\n".join(faults)


def test_a_job_with_an_undo_to_offer_and_one_in_its_story(desk: Page, live_server: LiveServer) -> None:
    jobs, user = busy_day().jobs, person("visitor", "Response", "Control", "Administration")
    factories.undo(jobs["completed"])
    factories.complete(jobs["completed"], by=user.actor)
    let_in(desk, user, live_server.url)
    desk.goto(f"/work/{jobs['completed']}/")
    expect(desk.get_by_role("button", name="Undo completion")).to_be_visible()
    faultless(desk)


@pytest.mark.parametrize("asked", ["", "?version=0", "?version=1"])
def test_a_withdrawn_job_now_and_then(desk: Page, live_server: LiveServer, asked: str) -> None:
    day = busy_day()
    factories.undo(day.jobs["raised"])
    let_in(desk, person("visitor", "Response"), live_server.url)
    desk.goto(f"/work/{day.jobs['raised']}/{asked}")
    faultless(desk)


def test_a_message_with_its_button(desk: Page, live_server: LiveServer) -> None:
    busy_day()
    let_in(desk, person("visitor", "Control"), live_server.url)
    desk.goto("/control/")
    desk.get_by_role("button", name="Assign to").first.click()
    expect(desk.get_by_role("button", name="Undo")).to_be_visible()
    faultless(desk)


@pytest.mark.parametrize(("asked", "status"), [("?at=yesterday", 400), ("?version=99", 404)])
def test_a_moment_that_is_none(
    desk: Page, live_server: LiveServer, watch: Watch, asked: str, status: int
) -> None:
    work_id = factories.raise_work()
    let_in(desk, person("visitor", "Control"), live_server.url)
    watch.expect_status(status)
    desk.goto(f"/work/{work_id}/{asked}")
    faultless(desk)
