"""What Control reported for an operative is told as reported by Control, wherever a page claims it."""

from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from readmodels.models import WorkSiteRow
from support.work import Stage
from tests import scenes
from tests.pages.browsing import text_of

REPORTED = ", reported by Control"


def back(work_id: UUID) -> list[tuple[str, str]]:
    """The pages that tell that a job came back, and their words."""
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
    work_id = scenes.work_at(Stage.ASSIGNED, operative.operative_id)
    scenes.abandon(work_id, by=(control if by_control else operative).actor)
    for address, words in back(work_id):
        page = text_of(control_client.get(address)).replace(" ,", ",")
        assert words.format(REPORTED if by_control else "") in page
        assert (REPORTED in page) == by_control


@pytest.mark.parametrize("by_control", [True, False])
def test_work_that_is_done(
    control: User, operative: User, control_client: Client, response_client: Client, *, by_control: bool
) -> None:
    work_id = scenes.work_at(Stage.ARRIVED, operative.operative_id)
    scenes.complete(work_id, "New fuse", by=(control if by_control else operative).actor)
    site_id = WorkSiteRow.objects.get(work=work_id).site_id
    pages = [
        text_of(control_client.get(f"/operatives/{operative.operative_id}/")),
        text_of(control_client.get(f"/work/{work_id}/")).split("Completed")[-1],
        text_of(response_client.get(f"/response/?sites={site_id}")).split("Last visits")[1],
    ]
    for page in pages:
        assert (REPORTED in page) == by_control
