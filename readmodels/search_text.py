"""Text and telephone numbers in the one spelling in which they are both kept and looked for."""

import re
from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def search_text(*parts: str) -> str:
    """The parts in lower case with single spaces between words."""
    return " ".join(" ".join(parts).lower().split())


def holding(found: QuerySet[M], text: str) -> QuerySet[M]:
    """Those whose column `search` holds every word of the text."""
    for word in search_text(text).split():
        found = found.filter(search__contains=word)
    return found


def digits_of(telephone_number: str) -> str:
    """A number's digits as dialled inland: "+44 (0)20/7946 0018" and "0044 20 7946 0018" are 02079460018.

    A number from another country keeps its country code.
    """
    digits = re.sub(r"\D", "", telephone_number.replace("(0)", ""))
    if telephone_number.strip().startswith("+44"):
        return "0" + digits.removeprefix("44")
    if digits.startswith("0044"):
        return "0" + digits.removeprefix("0044")
    return digits


def is_telephone_number(text: str) -> bool:
    """Whether somebody who typed this most likely means a telephone number: four digits or more, and
    nothing that numbers are not written with."""
    return re.fullmatch(r"[\d\s()+/.\-]+", text) is not None and len(re.sub(r"\D", "", text)) >= 4
