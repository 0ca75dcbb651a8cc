"""Ids in addresses: an id in capitals is the same id (RFC 9562); Django's own converter does not match it."""

from django.urls import register_converter
from ninja.signature.utils import UUIDStrConverter

NAME = "id"


class Id(UUIDStrConverter):
    """A UUID, in capitals or not."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> str:  # type: ignore[override]
        return value.lower()


register_converter(Id, NAME)
