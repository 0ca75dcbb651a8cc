"""Lines of text, and numbers that were pasted."""

import pytest

from spelling.line import has_line_break, isolated, plain_number, trimmed


@pytest.mark.parametrize(
    "unseen",
    ["", " ", "\u200b", "\u00ad\u2060", "\u202a\u202c", "\u3164", "\u2800\u115f", "\u0301", "\x07", "\ufe0f"],
)
def test_what_nobody_can_see_is_blank(unseen: str) -> None:
    assert trimmed(unseen) == ""


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("  Ada \n", "Ada"),
        ("\u200bAda\u202c", "Ada"),
        ("de Vries", "de Vries"),
        (
            "\u0938\u0941\u0928\u0940\u0924\u093f",
            "\u0938\u0941\u0928\u0940\u0924\u093f",
        ),  # ends with a vowel sign
        ("A\u0301", "A\u0301"),
        ("\u00a0!\u00a0", "!"),
    ],
)
def test_a_line_is_kept_without_what_surrounds_it(written: str, line: str) -> None:
    assert trimmed(written) == line


@pytest.mark.parametrize("control", [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))])
def test_what_would_turn_the_direction_of_the_rest_is_dropped(control: str) -> None:
    assert trimmed(f"Boiler{control} out") == "Boiler out"


@pytest.mark.parametrize("line", ["\u05d0\u200f1", "A\u200e-1", "\u0645\u0631\u062d\u0628\u0627"])
def test_letters_from_right_to_left_and_marks_among_them_stay(line: str) -> None:
    assert trimmed(line) == line


@pytest.mark.parametrize("between", ["\n", "\r\n", "\x0b", "\x85", "\u2028", "\u2029"])
def test_a_line_break_is_seen(between: str) -> None:
    assert has_line_break(f"Ada{between}Lovelace")


def test_one_line_has_no_break() -> None:
    assert not has_line_break("Ada\tLovelace")


@pytest.mark.parametrize(
    "pasted",
    ["\u202a+44 115 496\u20110173\u202c", "+44\u00a0115\u2009496\u22120173", "\u2066+44 115 496-0173\u2069 "],
)
def test_a_pasted_number_is_as_typed(pasted: str) -> None:
    assert plain_number(pasted) == "+44 115 496-0173"


@pytest.mark.parametrize("text", ["Ada Lovelace", "Özlem", "12-14", ""])
def test_what_runs_from_left_to_right_is_left_as_it_is(text: str) -> None:
    assert isolated(text) == text


@pytest.mark.parametrize("text", ["\u05d3\u05d5\u05d3", "Ada \u0645"])
def test_what_runs_the_other_way_is_kept_apart(text: str) -> None:
    assert isolated(text) == f"\u2068{text}\u2069"
