"""The contract for what is stored and told: what the code promises, and what may become of a promise.

An event promises what its class says, in its present version. What else is kept or told for long is
registered here by `promise`. What was promised before is on record outside the kernel; `extended` adds to the
record, and refuses all else.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from eventstore.events import EventType, all_types
from eventstore.shapes import Field, Shape, shape_of


class Promise(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All versions of one thing, by number. `retired` says why it is only read now."""

    retired: str = ""
    versions: dict[int, Shape]


Contract = dict[str, dict[str, Promise]]
"""By section, and by name within it."""


class Rules(NamedTuple):
    """What a version may be given: a field, which perhaps needs a default so that what was written without it
    can be read; a value of an enumeration. All else makes a new version; `remedy` says how. What others alone
    read `may_vanish` once it is retired."""

    field: bool
    needs_default: bool
    value: bool
    may_vanish: bool
    remedy: str


EVENTS = "events"
_rules = {
    EVENTS: Rules(
        field=True,
        needs_default=True,
        value=True,
        may_vanish=False,
        remedy="What is stored says it as it was: put it back, or give the class the next version and an "
        "upcaster from this one (CONTRIBUTING.md, Events are for ever)",
    )
}


class _Other(NamedTuple):
    section: str
    name: str
    version: int
    cls: type


_others: list[_Other] = []


class Broken(Exception):
    """The code no longer keeps what was promised. `sentences` say where, and what to do."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def promise(section: str, rules: Rules, name: str, version: int, cls: type) -> None:
    """Put a class under contract that is no event; `rules` are those of its section."""
    _rules[section] = rules
    _others.append(_Other(section, name, version, cls))


def promised(events: Iterable[EventType] | None = None) -> Contract:
    """What the code promises: of each event its present version, and what else is under contract."""
    found: Contract = {EVENTS: {}}
    for each in all_types() if events is None else events:
        versions = {each.version: shape_of(each.cls, each.means)}
        found[EVENTS][each.name] = Promise(retired=each.retired, versions=versions)
    for other in _others:
        section = found.setdefault(other.section, {})
        versions = section.setdefault(other.name, Promise(versions={})).versions
        versions[other.version] = shape_of(other.cls)
    return found


# --- What may change -------------------------------------------------------------------------------------


def extended(kept: Contract, now: Contract) -> Contract:
    """What was promised, with what the code promises beyond it. Raises Broken where it promises less, or
    otherwise."""
    sentences: list[str] = []
    found: Contract = {}
    for section in {**kept, **now}:
        before, after = kept.get(section, {}), now.get(section, {})
        found[section] = {}
        for name in sorted({**before, **after}):
            if name not in after:
                found[section][name] = before[name]
                sentences += _vanished(section, name, before[name])
            else:
                found[section][name] = _extended(section, name, before.get(name), after[name], sentences)
    if sentences:
        raise Broken(sentences)
    return found


def _vanished(section: str, name: str, kept: Promise) -> Iterator[str]:
    if section == EVENTS:
        yield (
            f"{name} is gone from the code, and what is stored may hold it. Keep its class and whatever "
            'reads it, and say in its decorator why it is written no more: @event(..., retired="...").'
        )
    elif section not in _rules:
        yield f"{name} ({section}) is under contract no more: put it back where it is promised."
    elif not (kept.retired and _rules[section].may_vanish):
        yield f"{name} ({section}) is gone from the code. {_rules[section].remedy}."


def _extended(section: str, name: str, kept: Promise | None, now: Promise, sentences: list[str]) -> Promise:
    versions = dict(kept.versions) if kept else {}
    newest = max(versions, default=0)
    for version, shape in sorted(now.versions.items()):
        where = f"{name} version {version}"
        if version in versions:
            versions[version] = _merged(where, _rules[section], versions[version], shape, sentences)
        elif version == newest + 1:
            versions[version] = shape
            newest = version
        else:
            sentences.append(
                f"{where} does not follow {newest}, the newest on record: number it {newest + 1}."
            )
    if section == EVENTS and max(now.versions) < newest:
        sentences.append(
            f"{name} version {newest} is on record, and the code falls back behind it: put it back."
        )
    if kept and kept.retired not in {"", now.retired} and section == EVENTS:
        sentences.append(
            f"{name} is retired on record: say so in its class, and give what comes back a new name."
        )
    return Promise(retired=now.retired or (kept.retired if kept else ""), versions=versions)


def _merged(where: str, rules: Rules, kept: Shape, now: Shape, sentences: list[str]) -> Shape:
    """The version with what it was given since."""
    sentences += _reworded(where, "it", kept.means, now.means)
    fields = dict(kept.fields)
    gone = [path for path in kept.fields if path not in now.fields]
    sentences += [f"{where} has lost `{path}`. {rules.remedy}." for path in gone]
    if not gone and list(kept.fields) != [path for path in now.fields if path in kept.fields]:
        sentences.append(
            f"{where} has its fields in another order, and would be written otherwise: put it back."
        )
    for path, field in now.fields.items():
        if path in kept.fields:
            fields[path] = _merged_field(f"`{path}` of {where}", rules, kept.fields[path], field, sentences)
        else:
            fields[path] = replace(field, added=True)
            sentences += _not_addable(f"`{path}` of {where}", rules, field, path.rpartition(".")[0], kept)
    return Shape(means=kept.means, fields=fields)


def _not_addable(where: str, rules: Rules, field: Field, parent: str, kept: Shape) -> Iterator[str]:
    is_within_new = bool(parent) and parent.removesuffix("[]") not in kept.fields
    if not rules.field:
        yield f"{where} is new. {rules.remedy}."
    elif rules.needs_default and field.default is UNSET and not is_within_new:
        yield (
            f"{where} is new and has no default, without which what was stored before cannot be read. "
            f"Give it one. Or: {rules.remedy[0].lower()}{rules.remedy[1:]}."
        )


def _merged_field(where: str, rules: Rules, kept: Field, now: Field, sentences: list[str]) -> Field:
    for name in ("type", "or_null", "default", "unit"):
        before, after = getattr(kept, name), getattr(now, name)
        if before != after:
            sentences.append(f"{where} has another {name}: {before!r} before, {after!r} now. {rules.remedy}.")
    for name in ("means", "personal", "identifies"):
        sentences += _reworded(where, f"its `{name}`", getattr(kept, name), getattr(now, name))
    if lost := [each for each in kept.values if each not in now.values]:
        sentences.append(f"{where} has lost the values {lost}. {rules.remedy}.")
    new = [each for each in now.values if each not in kept.values]
    if new and not rules.value:
        sentences.append(f"{where} has the new values {new}. {rules.remedy}.")
    return replace(kept, values=[*kept.values, *new])


def _reworded(where: str, what: str, kept: str, now: str) -> Iterator[str]:
    if kept != now:
        yield (
            f"{where}: {what} is {kept!r} on record and {now!r} in the code. If what was stored before means "
            "something else, that is a new version. If only the words are better, change them in the record "
            "by hand too, in the same commit, where it is reviewed."
        )
