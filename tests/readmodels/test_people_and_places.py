"""Operatives and sites as they are now, and how sites are found."""

import pytest

from readmodels.models import OperativeRow, SiteRow
from readmodels.queries import sites
from spelling.telephone import digits_of, is_number_like
from tests import factories
from tests.factories import noon

# --- Operatives ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_operative_is_listed_from_hiring_and_stays_after_release() -> None:
    operative_id = factories.hire("Ada", "Lovelace", at=noon(1))
    hired = OperativeRow.objects.get()
    assert (hired.operative_id, hired.forename, hired.surname) == (operative_id, "Ada", "Lovelace")
    assert (hired.hired_at, hired.released_at) == (noon(1), None)
    factories.rename(operative_id, "Augusta", "King", at=noon(2))
    factories.release(operative_id, at=noon(3))
    released = OperativeRow.objects.get()
    assert (released.forename, released.surname) == ("Augusta", "King")
    assert (released.hired_at, released.released_at) == (noon(1), noon(3))


@pytest.mark.django_db
def test_operatives_are_listed_by_surname_then_forename() -> None:
    for forename, surname in [("Grace", "Hopper"), ("Ada", "Lovelace"), ("Ada", "Hopper")]:
        factories.hire(forename, surname)
    assert [str(row) for row in OperativeRow.objects.all()] == ["Ada Hopper", "Grace Hopper", "Ada Lovelace"]


# --- Sites -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_site_is_kept_as_acquired_corrected_and_relinquished() -> None:
    site_id = factories.acquire("1 Harbour Street", "Whitby", "YO21 1AA", "01947 600001", at=noon(1))
    factories.correct(site_id, "2 Harbour Street", "Whitby", "YO21 1AB", "01947 600002", at=noon(2))
    corrected = SiteRow.objects.get()
    assert (corrected.address_line_1, corrected.post_code) == ("2 Harbour Street", "YO21 1AB")
    assert corrected.telephone_number == "01947 600002"
    assert (corrected.acquired_at, corrected.relinquished_at) == (noon(1), None)
    factories.relinquish(site_id, at=noon(3))
    assert SiteRow.objects.get().relinquished_at == noon(3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["harbour", "WHITBY", "Whitby yo21", "YO211AA", "yo21 1aa", digits_of("01947 600001"), "1947600"],
)
def test_a_site_is_found_by_address_town_post_code_and_telephone(typed: str) -> None:
    factories.acquire("1  Harbour Street", "Whitby", "YO21 1AA", "+44 (0)1947 600-001")
    assert sites.find(typed).count() == 1


@pytest.mark.django_db
def test_a_corrected_site_is_found_by_what_is_right_only() -> None:
    site_id = factories.acquire("1 Harbour Street", telephone_number="01947 600001")
    factories.correct(site_id, "2 Cliff Road", telephone_number="01947 700002")
    assert sites.find("cliff").exists()
    assert sites.find("01947700002").exists()
    assert not sites.find("harbour").exists()
    assert not sites.find("600001").exists()


# --- The spelling in which things are kept and looked for ------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "02079460018",
        "020 7946 0018",
        "(020) 7946-0018",
        "020/7946/0018",
        "020.7946.0018",
        "+44 20 7946 0018",
        "+442079460018",
        " +44 20 7946 0018 ",
        "+44 (0)20 7946 0018",
        "+44 (0)20/7946 0018",
        "+44(0)2079460018",
        "0044 20 7946 0018",
        "0044 (0)20 7946 0018",
        "00442079460018",
    ],
)
def test_a_number_is_kept_as_dialled_inland_however_it_is_written(written: str) -> None:
    assert digits_of(written) == "02079460018"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("311", "311"),
        ("999", "999"),
        ("+1 212 639 9675", "12126399675"),
        ("+420 222 333 444", "420222333444"),
        ("01947 600001 ext. 12", "0194760000112"),
        ("00353 1 234 5678", "35312345678"),
        ("+353 1 234 5678", "35312345678"),
        ("none", ""),
        ("", ""),
    ],
)
def test_other_numbers_are_kept_by_their_digits(written: str, kept: str) -> None:
    assert digits_of(written) == kept


@pytest.mark.parametrize(
    "typed", ["01947", "020 7946", "+44 (0)20/7946 0018", "600-001", "01947.600001", "1234"]
)
def test_what_looks_like_a_telephone_number_is_taken_for_one(typed: str) -> None:
    assert is_number_like(typed)


@pytest.mark.parametrize("typed", ["", "123", "12 3", "YO21 1AA", "1 Harbour Street", "+44 x", "(0)", "----"])
def test_what_does_not_is_not(typed: str) -> None:
    assert not is_number_like(typed)
