"""Rows found by what was typed: the one way in which every list, page and operation looks for text.

Each word must occur, in any of the ways in which it may be written (spelling.wanted). If nothing at all is
found, one slip of the hand is allowed in each word: it then stands for the existing words that differ from
it by one slip.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.db.models import Case, Model, Q, QuerySet, When
from django.db.models.functions import Length

from readmodels.models.search import WORDS_OF, Text, Word
from spelling.fold import kept
from spelling.slip import intact, is_one_slip
from spelling.wanted import Term, near, terms, word_of

M = TypeVar("M", bound=Model)
LAST = "\U0010ffff"
"""Sorts after every other letter."""
MEANT = 8
"""The most words that a misspelt one may stand for."""


def holding(found: QuerySet[M], text: str, texts: type[Text]) -> QuerySet[M]:
    """The rows whose kept text contains what was typed, otherwise what may have been meant; all of them
    when nothing was typed, and none when it was only punctuation."""
    if not text.strip():
        return found
    wanted = terms(text)
    if not wanted:
        return found.none()
    exactly = found.filter(having(wanted))
    return exactly if exactly.order_by().exists() else found.filter(having(guesses(wanted, [texts])))


def first_holding(found: QuerySet[M], text: str, texts: type[Text], size: int) -> list[M]:
    """The first so many of those, read at once. This usually takes one query; `holding` needs one to see
    whether there are any."""
    wanted = terms(text)
    if not wanted:
        return []
    exactly = list(found.filter(having(wanted))[:size])
    return exactly or list(found.filter(having(guesses(wanted, [texts])))[:size])


def nearest_first(found: QuerySet[M], text: str) -> QuerySet[M]:
    """The same rows in their own order, but first those whose text is what was typed, then those whose
    text begins with it: otherwise a short name would stay behind the long ones that contain it."""
    typed = kept(text)
    if not typed.strip():
        return found
    exact, begins = When(folded__text=typed, then=0), When(folded__text__startswith=typed.rstrip(), then=1)
    ranked: QuerySet[M] = found.annotate(nearness=Case(exact, begins, default=2))
    return ranked.order_by("nearness", *(str(each) for each in found.model._meta.ordering or ()))


def having(wanted: Iterable[Term], column: str = "folded__text") -> Q:
    """A condition: the column contains every term."""
    found = Q()
    for term in wanted:
        found &= any_way(term, column)
    return found


def any_way(term: Term, column: str = "folded__text") -> Q:
    """A condition: the column contains the term in one of its ways."""
    found = Q()
    for way in term:
        phrases = Q()
        for phrase in way:
            phrases &= Q(**{f"{column}__contains": phrase})
        found |= phrases
    return found


def guesses(wanted: Sequence[Term], texts: Iterable[type[Text]]) -> list[Term]:
    """The terms, each with the words of these texts that differ from it by one slip."""
    tables = [WORDS_OF[each] for each in texts]
    return [near(term, meant(word_of(term), tables)) for term in wanted]


def corrected(wanted: Sequence[Term], texts: Iterable[type[Text]]) -> list[Term]:
    """The terms. A term that is part of no word of these texts comes with the words that differ from it by
    one slip."""
    tables = [WORDS_OF[each] for each in texts]
    return [
        term if is_known(word_of(term), tables) else near(term, meant(word_of(term), tables))
        for term in wanted
    ]


def is_known(word: str, tables: Iterable[type[Word]]) -> bool:
    """Whether this is part of any word. For a term that is not one word, the answer is not known."""
    return not word or any(table._default_manager.filter(word__contains=word).exists() for table in tables)


def meant(word: str, tables: Iterable[type[Word]]) -> list[str]:
    """The words that this one may stand for. One slip leaves the beginning or the end unchanged, so two
    ranges of an index contain them all."""
    if not word:
        return []
    beginning, ending = intact(word)
    end = ending[::-1]
    among = Q(word__gte=beginning, word__lt=beginning + LAST) | Q(
        backwards__gte=end, backwards__lt=end + LAST
    )
    found: set[str] = set()
    for table in tables:
        alike = table._default_manager.filter(among).annotate(size=Length("word"))
        alike = alike.filter(size__range=(len(word) - 1, len(word) + 1))
        found.update(each for each in alike.values_list("word", flat=True) if is_one_slip(word, each))
    return sorted(found)[:MEANT]
