"""The folded text of what can be found. The handlers of a read model keep it together with its rows."""

from collections.abc import Hashable
from typing import Any

from eventstore.projections.unit_of_work import Rows
from readmodels.models.search import WORDS_OF, Text
from spelling.fold import fold, kept, words

LINE = "\n"
"""Between the texts that are added in the course of a job."""


def add_text(rows: Rows, texts: type[Text], key: Hashable, *parts: str, **columns: Any) -> None:
    """Add the text of a new row, with the other columns of its table."""
    row = texts(text=kept(*parts), **columns)
    row.pk = key
    rows.add(row)
    add_words(rows, texts, row.text)


def change_text(rows: Rows, texts: type[Text], key: Hashable, *parts: str) -> None:
    """Replace the text."""
    row = rows.get(texts, key)
    row.text = kept(*parts)
    add_words(rows, texts, row.text)


def append_text(rows: Rows, texts: type[Text], key: Hashable, part: str) -> None:
    """Add one line, unless it has nothing that could be found."""
    if fold(part):
        row = rows.get(texts, key)
        row.text += LINE + kept(part)
        add_words(rows, texts, row.text)


def take_back_text(rows: Rows, texts: type[Text], key: Hashable, part: str) -> None:
    """Remove the line that was added last."""
    if fold(part):
        row = rows.get(texts, key)
        row.text = row.text.rpartition(LINE)[0]


def add_words(rows: Rows, texts: type[Text], text: str) -> None:
    """Add the words that are not in the table yet."""
    table, found = WORDS_OF[texts], words([text])
    rows.load(table, found)
    for word in sorted(found):
        if rows.find(table, word) is None:  # most are there already, and need no new instance
            rows.add(table(word=word, backwards=word[::-1]))
