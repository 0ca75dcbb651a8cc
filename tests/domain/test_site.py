"""The rules of sites."""

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from sites.commands import AcquireSite, CorrectSite, RelinquishSite
from sites.events import SiteAcquired, SiteCorrected, SiteRelinquished
from sites.site import SITE
from tests.domain.cast import HARBOUR
from tests.domain.scenario import given

ACQUIRE = AcquireSite(
    site_id=HARBOUR.site_id,
    address_line_1="1 Harbour Street",
    town="Whitby",
    post_code="YO21 1AA",
    telephone_number="01947 600001",
)
ACQUIRED = SiteAcquired(
    site_id=HARBOUR.site_id,
    address_line_1="1 Harbour Street",
    town="Whitby",
    post_code="YO21 1AA",
    telephone_number="01947 600001",
)
CORRECT = CorrectSite(
    site_id=HARBOUR.site_id,
    address_line_1="2 Harbour Street",
    town="Whitby",
    post_code="YO21 1AB",
    telephone_number="01947 600002",
)
CORRECTED = SiteCorrected(
    site_id=HARBOUR.site_id,
    address_line_1="2 Harbour Street",
    town="Whitby",
    post_code="YO21 1AB",
    telephone_number="01947 600002",
)
RELINQUISH = RelinquishSite(site_id=HARBOUR.site_id, open_jobs=0)
RELINQUISHED = SiteRelinquished(site_id=HARBOUR.site_id)

# In the order in which they are refused.
REQUIRED = [
    ("address_line_1", "Site must have an address line 1"),
    ("town", "Site must have a town"),
    ("post_code", "Site must have a post code"),
    ("telephone_number", "Site must have a telephone number"),
]

Particulars = TypeVar("Particulars", AcquireSite, CorrectSite)


def without(command: Particulars, field: str, blank: str) -> Particulars:
    """The command with a blank in place of one particular."""
    fields: dict[str, Any] = {field: blank}
    return replace(command, **fields)


def test_a_site_is_acquired() -> None:
    given(SITE).when(ACQUIRE).then(ACQUIRED)


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0\u2003", "\u200b", "\u3164\u202a"])
@pytest.mark.parametrize(("field", "sentence"), REQUIRED)
def test_a_site_must_have_each_particular(field: str, sentence: str, blank: str) -> None:
    given(SITE).when(without(ACQUIRE, field, blank)).then_refused(sentence)
    given(SITE, ACQUIRED).when(without(CORRECT, field, blank)).then_refused(sentence)


@pytest.mark.parametrize("first", range(len(REQUIRED)))
def test_of_several_missing_particulars_the_first_in_order_is_named(first: int) -> None:
    acquire, correct = ACQUIRE, CORRECT
    for field, _ in REQUIRED[first:]:
        acquire, correct = without(acquire, field, " "), without(correct, field, " ")
    sentence = REQUIRED[first][1]
    given(SITE).when(acquire).then_refused(sentence)
    given(SITE, ACQUIRED).when(correct).then_refused(sentence)


def test_blanks_around_particulars_are_not_kept() -> None:
    padded = AcquireSite(
        site_id=HARBOUR.site_id,
        address_line_1=" 1 Harbour Street ",
        town="\tWhitby",
        post_code="YO21 1AA\n",
        telephone_number="  01947 600001",
    )
    given(SITE).when(padded).then(ACQUIRED)


def test_a_site_is_not_acquired_twice() -> None:
    given(SITE, ACQUIRED).when(ACQUIRE).then_refused("This site has already been acquired")
    given(SITE, ACQUIRED, RELINQUISHED).when(ACQUIRE).then_refused("This site has already been acquired")


def test_a_site_is_corrected() -> None:
    given(SITE, ACQUIRED).when(CORRECT).then(CORRECTED)


@pytest.mark.parametrize("field", [field for field, _ in REQUIRED])
def test_correcting_one_particular_records_all_of_them(field: str) -> None:
    same: dict[str, str] = {name: getattr(ACQUIRED, name) for name, _ in REQUIRED}
    other = same | {field: "other"}
    command = CorrectSite(site_id=HARBOUR.site_id, **other)
    given(SITE, ACQUIRED).when(command).then(SiteCorrected(site_id=HARBOUR.site_id, **other))


def test_correcting_nothing_changes_nothing() -> None:
    given(SITE, ACQUIRED, CORRECTED).when(replace(CORRECT, town=" Whitby ")).then()


def test_a_correction_can_be_taken_back() -> None:
    back = replace(
        CORRECT, address_line_1="1 Harbour Street", post_code="YO21 1AA", telephone_number="01947 600001"
    )
    restored = replace(
        CORRECTED, address_line_1="1 Harbour Street", post_code="YO21 1AA", telephone_number="01947 600001"
    )
    given(SITE, ACQUIRED, CORRECTED).when(back).then(restored)


def test_a_site_is_relinquished() -> None:
    given(SITE, ACQUIRED).when(RELINQUISH).then(RELINQUISHED)
    given(SITE, ACQUIRED, CORRECTED).when(RELINQUISH).then(RELINQUISHED)


@pytest.mark.parametrize(("open_jobs", "held"), [(1, "1 open job"), (3, "3 open jobs")])
def test_a_site_with_open_work_is_not_relinquished(open_jobs: int, held: str) -> None:
    command = RelinquishSite(site_id=HARBOUR.site_id, open_jobs=open_jobs)
    given(SITE, ACQUIRED).when(command).then_refused(f"This site cannot be relinquished while it has {held}")


def test_a_site_that_was_never_acquired_can_be_neither_corrected_nor_relinquished() -> None:
    given(SITE).when(CORRECT).then_refused("This site was never acquired")
    given(SITE).when(RELINQUISH).then_refused("This site was never acquired")


def test_a_relinquished_site_can_be_neither_corrected_nor_relinquished_again() -> None:
    given(SITE, ACQUIRED, RELINQUISHED).when(CORRECT).then_refused("This site has been relinquished")
    given(SITE, ACQUIRED, RELINQUISHED).when(RELINQUISH).then_refused("This site has been relinquished")
