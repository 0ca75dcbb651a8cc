"""What Control reported for an operative is shown as reported by Control, wherever a page says it."""

from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from readmodels.models import WorkSiteRow
from support.work import Stage
from tests import factories
from tests.pages.page_requests import text_of

REPORTED = ", reported by Control"


def back(work_id: UUID) -> list[tuple[str, str]]:
    """The pages that show that a job came back, and their words."""
    return [
        ("/control/", "back from Olive Marsh{}"),
        ("/control/", "Back from Olive Marsh{}: No access"),
        (f"/work/{work_id}/", "No access, back from Olive Marsh{}"),
        (f"/work/{work_id}/?version=2", "No access, back from Olive Marsh{}"),
    ]


@pytest.mark.parametrize("by_control", [True, False])
def test_work_that_came_back(
    control: User, operative: User, control_client: Client, *, by_control: bool
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    factories.abandon(work_id, by=(control if by_control else operative).actor)
    for address, words in back(work_id):
        page = text_of(control_client.get(address)).replace(" ,", ",").replace(" :", ":")
        assert words.format(REPORTED if by_control else "") in page
        assert (REPORTED in page) == by_control


@pytest.mark.parametrize("by_control", [True, False])
def test_work_that_is_done(
    control: User, operative: User, control_client: Client, response_client: Client, *, by_control: bool
) -> None:
    work_id = factories.work_at(Stage.ARRIVED, operative.operative_id)
    factories.complete(work_id, "New fuse", by=(control if by_control else operative).actor)
    site_id = WorkSiteRow.objects.get(work=work_id).site_id
    pages = [
        text_of(control_client.get(f"/operatives/{operative.operative_id}/")),
        text_of(control_client.get(f"/work/{work_id}/")).split("Completed")[-1],
        text_of(response_client.get(f"/response/?sites={site_id}")).split("Last visits")[1],
    ]
    for page in pages:
        assert (REPORTED in page) == by_control


@pytest.mark.parametrize("by_control", [True, False])
def test_work_found_by_whom_it_came_back_from(
    control: User, operative: User, control_client: Client, *, by_control: bool
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    factories.abandon(work_id, by=(control if by_control else operative).actor)
    found = text_of(control_client.get("/work/?q=marsh")).replace(" ,", ",")
    assert f"Back from: Olive Marsh{REPORTED if by_control else ''} " in found
    assert (REPORTED in found) == by_control
    assert "Back from" in text_of(control_client.get("/control/"))
    assert "Abandoned by" not in text_of(control_client.get("/control/"))


def test_the_reporter_of_the_completion_is_not_named_for_an_earlier_return(
    control: User, operative: User, control_client: Client
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    factories.abandon(work_id, by=operative.actor)
    factories.assign(work_id, factories.hire())
    factories.complete(work_id, by=control.actor)
    found = text_of(control_client.get("/work/?q=marsh"))
    assert "Back from: Olive Marsh" in found
    assert REPORTED not in found
