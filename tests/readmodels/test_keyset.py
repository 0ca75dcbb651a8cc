"""Where the next page of a list begins."""

from uuid import UUID

import pytest

from readmodels.models import OperativeRow
from readmodels.queries.keyset import following
from tests.factories import noon

pytestmark = pytest.mark.django_db
# Keys that run against the names, so that nothing is in order by luck.
PEOPLE = [("Ash", "Zoe", 9), ("Byron", "Al", 8), ("Byron", "Al", 12), ("Byron", "Bo", 5), ("Cole", "Al", 1)]


@pytest.fixture(autouse=True)
def people() -> None:
    OperativeRow.objects.bulk_create(
        OperativeRow(operative_id=UUID(int=key), surname=surname, forename=forename, hired_at=noon(1))
        for surname, forename, key in PEOPLE
    )


def after(key: str | None) -> list[int]:
    rows = OperativeRow.objects.order_by("surname", "forename", "operative_id")
    return [row.operative_id.int for row in following(rows, key)]


@pytest.mark.parametrize(("key", "rest"), [(9, [8, 12, 5, 1]), (8, [12, 5, 1]), (12, [5, 1]), (1, [])])
def test_the_next_page_holds_what_comes_after_the_last_row(key: int, rest: list[int]) -> None:
    assert after(str(UUID(int=key))) == rest


@pytest.mark.parametrize("key", [None, "", "nonsense", str(UUID(int=77)), "a\0"])
def test_a_key_of_no_row_begins_at_the_beginning(key: str | None) -> None:
    assert after(key) == [9, 8, 12, 5, 1]
