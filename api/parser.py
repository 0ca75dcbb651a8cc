"""Parses bodies, as strictly as JSON is meant."""

import json
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest
from ninja.parser import Parser


class StrictParser(Parser):
    """A body that is sent in chunks has no length before it has been read, so Django has let it through.
    NaN is Python's addition to JSON. A body may have as many fields as a form, however deep they lie,
    because the answer reports each that is wrong."""

    def parse_body(self, request: HttpRequest) -> Any:
        if len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        return json.loads(request.body, parse_constant=refuse, object_pairs_hook=Fields().named_once)


class Fields:
    """The fields of one body."""

    def __init__(self) -> None:
        self._count = 0

    def named_once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Refuses two values under one name: Python takes the last, other programs the first."""
        self._count += len(pairs)
        if self._count > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
            raise TooManyFieldsSent
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("A name stands twice in an object")
        return found


def refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
