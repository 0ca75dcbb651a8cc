"""Bodies, as strictly as JSON is meant."""

import json
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja.parser import Parser


class StrictParser(Parser):
    """What is sent in chunks has no length before it has been read, so Django has let it through; NaN is
    Python's idea of JSON; and of two values under one name Python takes the last, others the first."""

    def parse_body(self, request: HttpRequest) -> Any:
        if len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        return json.loads(request.body, parse_constant=refuse, object_pairs_hook=named_once)


def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A name stands twice in an object")
    return found


def refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
