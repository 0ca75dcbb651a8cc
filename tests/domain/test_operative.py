"""The rules of operatives."""

import pytest

from operatives.commands import HireOperative, ReleaseOperative, RenameOperative
from operatives.events import OperativeHired, OperativeReleased, OperativeRenamed
from operatives.operative import OPERATIVE
from tests.domain.cast import OLIVE
from tests.domain.scenario import given

HIRED = OperativeHired(operative_id=OLIVE.operative_id, forename="Olive", surname="Marsh")
RELEASED = OperativeReleased(operative_id=OLIVE.operative_id)


def hire(forename: str = "Olive", surname: str = "Marsh") -> HireOperative:
    return HireOperative(operative_id=OLIVE.operative_id, forename=forename, surname=surname)


def rename(forename: str = "Olive", surname: str = "King") -> RenameOperative:
    return RenameOperative(operative_id=OLIVE.operative_id, forename=forename, surname=surname)


def release(open_jobs: int = 0) -> ReleaseOperative:
    return ReleaseOperative(operative_id=OLIVE.operative_id, open_jobs=open_jobs)


def test_an_operative_is_hired() -> None:
    given(OPERATIVE).when(hire()).then(HIRED)


def test_blanks_around_names_are_not_kept() -> None:
    given(OPERATIVE).when(hire("  Olive ", "\tMarsh\n")).then(HIRED)
    given(OPERATIVE, HIRED).when(rename(" Olive ", " King ")).then(
        OperativeRenamed(operative_id=OLIVE.operative_id, forename="Olive", surname="King")
    )


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0\u2003", "\u200b", "\u3164\u202a"])
def test_an_operative_must_have_a_forename(blank: str) -> None:
    given(OPERATIVE).when(hire(forename=blank)).then_refused("Operative must have a forename")
    given(OPERATIVE, HIRED).when(rename(forename=blank)).then_refused("Operative must have a forename")


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0\u2003", "\u200b", "\u3164\u202a"])
def test_an_operative_must_have_a_surname(blank: str) -> None:
    given(OPERATIVE).when(hire(surname=blank)).then_refused("Operative must have a surname")
    given(OPERATIVE, HIRED).when(rename(surname=blank)).then_refused("Operative must have a surname")


def test_a_missing_forename_is_named_before_a_missing_surname() -> None:
    given(OPERATIVE).when(hire("", "")).then_refused("Operative must have a forename")
    given(OPERATIVE, HIRED).when(rename("", "")).then_refused("Operative must have a forename")


def test_nobody_is_hired_twice() -> None:
    given(OPERATIVE, HIRED).when(hire()).then_refused("This operative has already been hired")
    given(OPERATIVE, HIRED, RELEASED).when(hire()).then_refused("This operative has already been hired")


def test_an_operative_is_renamed() -> None:
    renamed = OperativeRenamed(operative_id=OLIVE.operative_id, forename="Olive", surname="King")
    given(OPERATIVE, HIRED).when(rename()).then(renamed)
    given(OPERATIVE, HIRED, renamed).when(rename(surname="Byron")).then(
        OperativeRenamed(operative_id=OLIVE.operative_id, forename="Olive", surname="Byron")
    )


def test_renaming_to_the_present_name_changes_nothing() -> None:
    given(OPERATIVE, HIRED).when(rename("Olive", " Marsh ")).then()


def test_an_operative_is_released() -> None:
    given(OPERATIVE, HIRED).when(release()).then(RELEASED)


@pytest.mark.parametrize(("open_jobs", "held"), [(1, "1 open job"), (2, "2 open jobs"), (11, "11 open jobs")])
def test_an_operative_who_holds_open_work_is_not_released(open_jobs: int, held: str) -> None:
    given(OPERATIVE, HIRED).when(release(open_jobs)).then_refused(
        f"Olive cannot be released while holding {held}"
    )


def test_somebody_who_was_never_hired_can_be_neither_renamed_nor_released() -> None:
    given(OPERATIVE).when(rename()).then_refused("This operative was never hired")
    given(OPERATIVE).when(release()).then_refused("This operative was never hired")


def test_somebody_who_was_released_can_be_neither_renamed_nor_released_again() -> None:
    given(OPERATIVE, HIRED, RELEASED).when(rename()).then_refused("Olive Marsh has been released")
    given(OPERATIVE, HIRED, RELEASED).when(release()).then_refused("Olive Marsh has been released")


def test_a_refusal_uses_the_name_as_it_is_now() -> None:
    renamed = OperativeRenamed(operative_id=OLIVE.operative_id, forename="Augusta", surname="King")
    given(OPERATIVE, HIRED, renamed).when(release(1)).then_refused(
        "Augusta cannot be released while holding 1 open job"
    )
    given(OPERATIVE, HIRED, renamed, RELEASED).when(release()).then_refused("Augusta King has been released")
