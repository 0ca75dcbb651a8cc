"""What was typed, as what has to be found."""

import pytest

from spelling.fold import kept, words
from spelling.slip import intact, is_one_slip
from spelling.wanted import Term, terms


def found(typed: str, *texts: str) -> bool:
    def has(term: Term) -> bool:
        return any(all(phrase in kept(*texts) for phrase in way) for way in term)

    return all(has(term) for term in terms(typed))


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("queens road nottingham", ("4 Queens Road", "Nottingham")),
        ("albert rd", ("1 Albert Road", "Hull")),
        ("albert road", ("1 Albert Rd.", "Hull")),
        ("st marys", ("Saint Mary’s Close",)),
        ("hauptstraße", ("Hauptstr. 5",)),
        ("childrens centre", ("Children's Centre",)),
        ("munchen", ("München",)),
        ("12-14", ("12-14 High Street",)),
        ("37-09", ("37-09 30th Avenue",)),
        ("80-001", ("Gdańsk", "80-001")),
        ("11101-2345", ("11101-2345",)),
        ("100-0001", ("東京 100-0001",)),
        ("12-14 high", ("12\u201314 High Street",)),
        ("0115 496 0173", ("01154960173",)),
        ("+44 115 496 0173 hull", ("Hull", "01154960173")),
        ("\u202a0115 496\u20110173\u202c", ("01154960173",)),
        ("+44 115 496 0173", ("Rang 0115 496 0173, in vain",)),
        ("0115 496 0173", ("Rang +44 (0)115 496-0173 in vain",)),
        ("01154960173", ("(0115) 496 0173", "Hull")),
        ("00353 1 234 5678", ("020 7946 0018 / +353 1 234 5678",)),
        ("jo@exam", ("jo@example.com",)),
        ("漏水", ("台所の漏水",)),
    ],
)
def test_it_is_found(typed: str, texts: tuple[str, ...]) -> None:
    assert found(typed, *texts)


@pytest.mark.parametrize(
    ("typed", "text"),
    [("12-14", "14 High Street 12"), ("rd", "Garden Board"), ("80-001", "80 High Street")],
)
def test_it_is_not_found(typed: str, text: str) -> None:
    assert not found(typed, text)


def test_nothing_to_look_for_is_no_term() -> None:
    assert terms("!? ...") == []


def test_so_many_words_count() -> None:
    assert len(terms("a b c d e f g h")) == 6


@pytest.mark.parametrize(
    "typed", ["biler", "booiler", "boiker", "bioler", "oiler", "boile", "boilre", "boliler"]
)
def test_one_slip_is_seen_and_leaves_an_end_as_it_was(typed: str) -> None:
    assert is_one_slip(typed, "boiler")
    beginning, ending = intact(typed)
    assert "boiler".startswith(beginning) or "boiler".endswith(ending)


@pytest.mark.parametrize("typed", ["boiler", "bolire", "boi", "toilet", "boilers x"])
def test_two_slips_or_none_are_not_one(typed: str) -> None:
    assert not is_one_slip(typed, "boiler")


def test_only_words_are_guessed_at() -> None:
    assert words([kept("Lift 3, 37-09 the A12b stuck")]) == {"lift", "stuck"}
