"""Shapes: what a class says of its fields, as data.

A field's type, whether it may be null or missing, the values of an enumeration, and what `Means` says of it.
"""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET
from msgspec import inspect as kinds

from eventstore.events import Means


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one field may hold. `default` is what it is read as where it is missing; `added` says that the
    version began without it."""

    type: str
    or_null: bool = False
    values: list[Any] = []
    default: Any = UNSET
    means: str = ""
    unit: str = ""
    personal: str = ""
    identifies: str = ""
    added: bool = False


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One version. A field within another is named by its path: `card.holder`, `lines[].units`."""

    means: str
    fields: dict[str, Field]


_PLAIN: dict[type, str] = {
    kinds.BoolType: "boolean",
    kinds.DateTimeType: "moment",
    kinds.DateType: "date",
    kinds.DecimalType: "decimal",
    kinds.FloatType: "number",
    kinds.IntType: "integer",
    kinds.StrType: "text",
    kinds.UUIDType: "uuid",
}
NUMBERS = frozenset(["decimal", "integer", "number"])
"""The types that need a unit."""


def shape_of(cls: type, means: str | None = None) -> Shape:
    """What a dataclass, struct or named tuple promises; it means its docstring, unless another is given."""
    return Shape(means=" ".join((_docstring(cls) if means is None else means).split()), fields=fields_of(cls))


def _docstring(cls: type) -> str:
    written = cls.__doc__ or ""
    is_made = written.startswith(f"{cls.__name__}(")  # by Python, where nobody wrote one
    return "" if is_made else written


def fields_of(cls: type) -> dict[str, Field]:
    """The fields of a class and of those within them, by path. Raises TypeError at a type unknown here."""
    return dict(_fields(cls, ""))


def _fields(cls: type, path: str) -> Iterator[tuple[str, Field]]:
    hints = get_type_hints(cls, include_extras=True)
    info: Any = kinds.type_info(cls)
    for each in info.fields:
        name, means = f"{path}{each.encode_name}", means_of(hints[each.name])
        kind, or_null = _without_null(each.type)
        kind, marks = _item_of(kind)
        yield (
            name,
            Field(
                type="list of " * len(marks) + _type_name(kind, name),
                or_null=or_null,
                values=_values(kind),
                default=UNSET if each.required else _default(each),
                means=means.what,
                unit=means.unit,
                personal=means.personal,
                identifies=means.identifies,
            ),
        )
        if inner := _class_of(kind):
            yield from _fields(inner, f"{name}{''.join(marks)}.")


def _without_null(kind: kinds.Type) -> tuple[kinds.Type, bool]:
    if not isinstance(kind, kinds.UnionType):
        return kind, False
    others = [each for each in kind.types if not isinstance(each, kinds.NoneType)]
    return (others[0] if len(others) == 1 else kind), len(others) < len(kind.types)


def _item_of(kind: kinds.Type) -> tuple[kinds.Type, list[str]]:
    """What a list holds, and a mark for each list around it."""
    marks = []
    while isinstance(kind, kinds.ListType | kinds.VarTupleType):
        kind = kind.item_type
        marks.append("[]")
    return kind, marks


def _class_of(kind: Any) -> type | None:
    """The class of an object with fields of its own."""
    return kind.cls if hasattr(kind, "fields") else None


def _type_name(kind: kinds.Type, field: str) -> str:
    if isinstance(kind, kinds.EnumType | kinds.LiteralType):
        return "one of"
    if _class_of(kind):
        return "object"
    try:
        return _PLAIN[type(kind)]
    except KeyError:
        raise TypeError(f"The type of `{field}` has no place in a stored shape: {kind}") from None


def _values(kind: kinds.Type) -> list[Any]:
    if isinstance(kind, kinds.EnumType):
        return [each.value for each in kind.cls]
    return list(kind.values) if isinstance(kind, kinds.LiteralType) else []


def _default(field: kinds.Field) -> Any:
    """As it would stand in JSON."""
    is_made = field.default is msgspec.NODEFAULT
    return msgspec.json.decode(msgspec.json.encode(field.default_factory() if is_made else field.default))


def means_of(hint: Any) -> Means:
    """What a field's type says beside its type, also that of `X | None`."""
    if get_origin(hint) is Annotated:
        inner, *beside = get_args(hint)
        found = means_of(inner)
        for each in beside:
            found = _completed(found, each) if isinstance(each, Means) else found
        return found
    if get_origin(hint) in {Union, UnionType}:
        return next(filter(Means().__ne__, map(means_of, get_args(hint))), Means())
    return Means()


def _completed(earlier: Means, later: Means) -> Means:
    return Means(
        later.what or earlier.what,
        unit=later.unit or earlier.unit,
        personal=later.personal or earlier.personal,
        identifies=later.identifies or earlier.identifies,
    )
