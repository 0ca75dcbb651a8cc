"""The contract as people read it: a page in Markdown, written from the record alone."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from eventstore.contract import Contract, Promise
from eventstore.events import NOBODY
from eventstore.shapes import Field, Shape

HEAD = """\
# What is stored, and what is told

Written by `manage.py write_contract` from the classes in the code and from `{record}` beside it, which says
the same to programs. Versions are only added: a stored event is never edited, and is read for ever. How a
change is made stands in [CONTRIBUTING.md](../CONTRIBUTING.md).

JSON holds a uuid, text, decimal, date or moment as a string: a decimal to its last digit, a moment in ISO
8601 with its zone. A field within another is named by its path; `[]` is each item of a list. "Whose" says
whose words or particulars a text holds; one that is nobody's says nothing of any person.
"""


def page(contract: Contract, record: str) -> str:
    """The whole page. `record` is the name of the file that holds the same as JSON."""
    parts = [HEAD.format(record=record)]
    for section, promises in contract.items():
        parts.append(f"## {section.capitalize()}\n")
        for name, promise in promises.items():
            parts += _promise(name, promise)
    return "\n".join(parts)


def _promise(name: str, promise: Promise) -> Iterator[str]:
    yield f"### `{name}`\n"
    if promise.retired:
        yield f"Retired: it is read, and written no more. {promise.retired}\n"
    for version, shape in sorted(promise.versions.items(), reverse=True):
        yield f"Version {version}. {shape.means}\n"
        yield from _table(shape)


def _table(shape: Shape) -> Iterator[str]:
    if shape.fields:
        yield "| Field | Type | Means | Whose |\n| --- | --- | --- | --- |"
        for path, field in shape.fields.items():
            whose = "" if field.personal == NOBODY else field.personal
            yield f"| `{path}` | {_type(field)} | {_cell(field.means)} | {whose} |"
        yield ""


def _type(field: Field) -> str:
    parts = [field.type]
    if field.values:
        parts[0] += f": {', '.join(f'`{_cell(each)}`' for each in field.values)}"
    if field.unit:
        parts.append(f"in {field.unit}")
    if field.or_null:
        parts.append("or null")
    if field.default is not UNSET:
        parts.append(f"default `{_cell(field.default)}`")
    if field.added:
        parts.append("added later")
    return ", ".join(parts)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|")
