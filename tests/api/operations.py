"""Every operation of the API, read from the API itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from ninja.operation import Operation

from accounts.rules import Rule
from api.api import api
from api.ids import NAME


@dataclass(frozen=True)
class Door:
    """An operation: its address, and the rule of each of its ways to sign in."""

    name: str
    method: str
    path: str
    rules: tuple[Rule | None, ...]
    view: Any

    @property
    def rule(self) -> Rule:
        """The one rule."""
        (rule,) = set(self.rules)
        assert rule is not None
        return rule

    def knock(self, browser: Client, known: dict[str, Any], body: Any = None) -> Any:
        """Send a request about what is known, with an empty body unless one is given."""
        path = self.path.replace(f"{NAME}:", "").format(**known)
        if self.method == "GET":
            return browser.get(path)
        return browser.post(path, data=body or {}, content_type="application/json")


def doors() -> Iterator[Door]:
    """All of them."""
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield door(f"/api{router.prefix}{path}", operation)


def door(path: str, operation: Operation) -> Door:
    rules = tuple(getattr(each, "rule", None) for each in operation.auth_callbacks)
    name = api.get_openapi_operation_id(operation)
    return Door(name, operation.methods[0], path, rules, operation.view_func)


DOORS = {each.name: each for each in doors()}
