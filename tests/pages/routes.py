"""Every address of the application, read from the URL configuration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Route:
    """A named address; `parameters` are the names of its variable parts."""

    name: str
    parameters: tuple[str, ...]
    view: Any
    namespaces: tuple[str, ...] = ()

    def address(self, known: dict[str, Any]) -> str:
        """The address for what is known by these names."""
        return reverse(self.name, kwargs={each: known[each] for each in self.parameters})


def routes(resolver: Any = None, namespaces: tuple[str, ...] = ()) -> Iterator[Route]:
    """Every route there is, included ones too."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            inside = (*namespaces, each.namespace) if each.namespace else namespaces
            yield from routes(each, inside)
        elif isinstance(each, URLPattern):
            name = ":".join((*namespaces, each.name or str(each.pattern)))
            yield Route(name, tuple(each.pattern.converters), each.callback, namespaces)


def own_routes() -> list[Route]:
    """Every route, except those of Django's admin, which are only for superusers, and of the API, whose
    operations (tests/api) and stream (tests/feed) are tested one by one."""
    pages = [each for each in routes() if not {"admin", "api"} & set(each.namespaces)]
    return [each for each in pages if each.name != "event-stream"]
