"""Ids in addresses: one in capitals is the same id (RFC 9562), which Django's own converter does not find."""

from django.urls import register_converter
from ninja.signature.utils import UUIDStrConverter

NAME = "id"


class Id(UUIDStrConverter):
    """A UUID, written in whichever letters."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> str:  # type: ignore[override]
        return value.lower()


register_converter(Id, NAME)
