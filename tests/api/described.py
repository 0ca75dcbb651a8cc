"""The API's schema as a stranger reads it: what has no description, what has no example, and what the
examples make together.

An example is the first that a field itself names. Otherwise it is the field's default, unless that is
empty or null; the first value of an enum; `true` for a boolean; or the example of what it refers to: a
shape, the items of a list, the first of several shapes. A shape's example consists of those of all its
fields. Swagger UI builds examples in the same way, so the page shows these as the body and the answer of
an operation.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from api.api import api
from api.shapes import Sent

SCHEMA: dict[str, Any] = api.get_openapi_schema()
SHAPES: dict[str, Any] = SCHEMA["components"]["schemas"]
NAMES = "#/components/schemas/"


class NoExample(Exception):
    """There is no example for it."""


def example_of(schema: dict[str, Any]) -> Any:
    """The example of a schema, by the rule above; NoExample without one."""
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("default") not in (None, "", []):
        return schema["default"]
    if "$ref" in schema:
        return example_of(SHAPES[schema["$ref"].removeprefix(NAMES)])
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0])
    return made_up(schema)


def made_up(schema: dict[str, Any]) -> Any:
    match schema:
        case {"enum": [first, *_]}:
            return first
        case {"type": "object"}:
            return {name: example_of(each) for name, each in schema.get("properties", {}).items()}
        case {"type": "array"}:
            return [example_of(schema["items"])]
        case {"type": "boolean"}:
            return True
    raise NoExample


def operations() -> Iterator[dict[str, Any]]:
    for path in SCHEMA["paths"].values():
        yield from path.values()


def described() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Each field of each shape and each parameter of each operation: its name, its schema, its words."""
    for name, shape in SHAPES.items():
        for field, each in shape.get("properties", {}).items():
            yield f"{name}.{field}", each, each.get("description", "")
    for operation in operations():
        for each in operation["parameters"]:
            yield f"{operation['operationId']} {each['name']}", each["schema"], each.get("description", "")


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema of each body that an operation takes or returns."""
    for operation in operations():
        name = operation["operationId"]
        for each in operation.get("requestBody", {}).get("content", {}).values():
            yield f"{name} takes", each["schema"]
        for status, answer in operation["responses"].items():
            for each in answer.get("content", {}).values():
                yield f"{name} answers {status}", each["schema"]


def without_example(schema: dict[str, Any]) -> bool:
    try:
        example_of(schema)
    except NoExample:
        return True
    return False


def faults(schema: dict[str, Any], example: Any) -> list[str]:
    """What is wrong with an example of this schema."""
    whole = {**schema, "components": {"schemas": SHAPES}}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [each.message for each in validator.iter_errors(example)]


def bodies(kind: type[Sent] = Sent) -> Iterator[type[Sent]]:
    """Every shape of request bodies in the schema."""
    for each in kind.__subclasses__():
        if each.__name__ in SHAPES:
            yield each
        yield from bodies(each)
