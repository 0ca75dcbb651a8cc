"""The folded text of what can be found, kept by the handlers of the read model that keeps its row."""

from collections.abc import Hashable
from typing import Any

from eventstore.projections.unit_of_work import Rows
from readmodels.models.search import WORDS_OF, Text
from spelling.fold import fold
from spelling.wanted import kept, words

LINE = "\n"
"""Between the texts that come one after another in the course of a job."""


def add_text(rows: Rows, texts: type[Text], key: Hashable, *parts: str, **columns: Any) -> None:
    """Keep the text of a new row, with what other columns its table has."""
    row = texts(text=kept(*parts), **columns)
    row.pk = key
    rows.add(row)
    add_words(rows, texts, row.text)


def change_text(rows: Rows, texts: type[Text], key: Hashable, *parts: str) -> None:
    """Keep another text from now on."""
    row = rows.get(texts, key)
    row.text = kept(*parts)
    add_words(rows, texts, row.text)


def append_text(rows: Rows, texts: type[Text], key: Hashable, part: str) -> None:
    """Keep one more line, unless there is nothing in it to be found."""
    if fold(part):
        row = rows.get(texts, key)
        row.text += LINE + kept(part)
        add_words(rows, texts, row.text)


def take_back_text(rows: Rows, texts: type[Text], key: Hashable, part: str) -> None:
    """Drop the line that was appended last."""
    if fold(part):
        row = rows.get(texts, key)
        row.text = row.text.rpartition(LINE)[0]


def add_words(rows: Rows, texts: type[Text], text: str) -> None:
    """Remember the words that there were none of before."""
    table, found = WORDS_OF[texts], words([text])
    rows.load(table, found)
    for word in sorted(found):
        rows.get_or_add(table(word=word, backwards=word[::-1]))
