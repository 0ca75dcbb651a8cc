"""The one spelling in which text is kept and looked for."""

import unicodedata

import pytest

from spelling.fold import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  The   OLD\tMill \n", "the old mill"),
        ("Ärger", "arger"),
        ("Übergabe", "ubergabe"),
        ("München", "munchen"),
        ("Dún Laoghaire", "dun laoghaire"),
        ("İnönü", "inonu"),
        ("ISPARTA ıspanak", "isparta ispanak"),
        ("Straße", "strasse"),
        ("Łódź, Żory", "lodz zory"),
        ("Køge Ærø", "koge aero"),
        ("Children's", "childrens"),
        ("Children’s", "childrens"),
        ("Ó Briain", "o briain"),
        ("O`Brien & Söhne (2)", "obrien sohne 2"),
        ("Stoke-on-Trent", "stoke on trent"),
        ("12\u201114", "12 14"),
        ("a\u00a0b", "a b"),
        ("so\u00adft\u200b", "soft"),
        ("ＡＢＣ １２", "abc 12"),
        ("\u0421\u0442\u0440\u043e\u0439", "\u0441\u0442\u0440\u043e\u0439"),  # Cyrillic: only the case
        ("\u0391\u03b8\u03ae\u03bd\u03b1", "\u03b1\u03b8\u03ae\u03bd\u03b1"),  # Greek keeps its accent
        ("\u0915\u093f\u0930\u093e\u092f\u093e", "\u0915\u093f\u0930\u093e\u092f\u093e"),  # Hindi vowels
        ("\u304c\u304e", "\u304c\u304e"),  # kana with voicing marks
        ("!?", ""),
    ],
)
def test_text_is_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize("written", ["Ärger", "İnönü", "Żory", "\u0439", "\u304c", "\u03ae", "Ở"])
def test_composed_and_decomposed_letters_are_alike(written: str) -> None:
    composed, taken_apart = unicodedata.normalize("NFC", written), unicodedata.normalize("NFD", written)
    assert composed != taken_apart
    assert fold(composed) == fold(taken_apart)


@pytest.mark.parametrize(
    ("one", "other"), [("\u0438", "\u0439"), ("\u304b", "\u304c"), ("\u0915\u093f", "\u0915")]
)
def test_letters_of_other_scripts_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_folding_again_changes_nothing() -> None:
    for text in ("İstanbul ŒUVRE ﬁn ½", "Ǆ ŉ ſ ẞ", "\u1f88\u0345", "\u00b4a\u0300"):
        assert fold(fold(text)) == fold(text)
