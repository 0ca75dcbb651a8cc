"""System checks: events that leave unsaid what they mean, or that could not be read in every version."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage, register

from eventstore import codec
from eventstore.events import NOBODY, EventType, all_types
from eventstore.shapes import NUMBERS, Shape, shape_of


@register()
def events_are_declared(**_: Any) -> list[CheckMessage]:
    """Name each gap in what the events of the installed apps say; those of tests stand in no app."""
    ours = [each for each in all_types() if apps.get_containing_app_config(each.cls.__module__)]
    return [checks.Error(gap, id="eventstore.E001") for gap in gaps(ours)]


def gaps(events: Iterable[EventType]) -> Iterator[str]:
    """A sentence for whatever these events ought to say and do not, and for each upcaster that is missing, or
    of use to nobody."""
    upcasters = codec.upcasters()
    for each in events:
        shape = shape_of(each.cls, each.means)
        yield from unsaid(each.name, shape)
        for path, field in shape.fields.items():
            if field.personal and not _is_found(field.personal, shape):
                yield (
                    f"{each.name} says that `{path}` is of a {field.personal}, and not of which: it has no "
                    f"`{field.personal}_id`, nor a field that identifies one."
                )
        for version in range(1, each.version):
            if version not in upcasters.get(each.name, {}):
                yield f"{each.name} has no upcaster from version {version}: what is stored so cannot be read."
        for version in upcasters.get(each.name, {}):
            if version >= each.version:
                yield f"{each.name} stands at version {each.version} and has an upcaster from {version}."


def unsaid(name: str, shape: Shape) -> Iterator[str]:
    """What a class under contract leaves unsaid of itself and its fields."""
    if not shape.means:
        yield f"{name} says nowhere what it means: write it a docstring."
    for path, field in shape.fields.items():
        of = field.type.removeprefix("list of ")
        if not field.means.strip():
            yield f'{name} says nowhere what `{path}` means: Annotated[..., Means("...")].'
        if of in NUMBERS and not field.unit.strip():
            yield f'{name} says nowhere in what `{path}` is counted: Means(..., unit="...").'
        if of == "text" and not field.personal.strip():
            yield f"{name} says nowhere whose `{path}` is: Means(..., personal=...), be it NOBODY."


def _is_found(subject: str, shape: Shape) -> bool:
    """Whether an event tells which one this text is of."""
    fields = shape.fields
    return (
        subject == NOBODY
        or f"{subject}_id" in fields
        or any(each.identifies == subject for each in fields.values())
    )
