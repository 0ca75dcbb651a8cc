"""Every template compiles: a misspelt tag is found here and not by the first visitor of a rare page. And
none uses a dict's key that is also the name of a method."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.*") if path.is_file())


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name: str) -> None:
    get_template(name)


TAG = re.compile(r"{%.*?%}|{{.*?}}")
AMBIGUOUS = re.compile(r"\.errors\.\w+|\.(?:items|keys|values)\b(?!\.)")


def ambiguous(source: str) -> list[str]:
    """What a template asks of a dict by a name that may be a key or a method of it."""
    return [found for tag in TAG.findall(source) for found in AMBIGUOUS.findall(tag)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_asks_a_dict_for_what_may_be_a_key_or_a_method(name: str) -> None:
    """While a field "items" has no faults but others have some, `form.errors.items` is a method of the
    dict, and returns names with their faults. Correct are `form.items.errors`, `form.sentences`, `|pairs`."""
    assert ambiguous((ROOT / name).read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "{% for error in form.errors.items %}",
        "{% if form.errors.site %}",
        "{{ form.errors.get }}",
        "{% for a, b in kept.items %}",
    ],
)
def test_what_is_ambiguous(source: str) -> None:
    assert ambiguous(source)


def all_forms(kind: type[forms.BaseForm] = forms.BaseForm) -> set[type[forms.BaseForm]]:
    """Every form that there is."""
    return {kind}.union(*(all_forms(each) for each in kind.__subclasses__()))


def test_no_field_of_a_form_is_called_like_something_that_every_form_has() -> None:
    """In a template `form.errors` would be that field."""
    get_resolver().url_patterns  # imports everything  # noqa: B018
    own = [each for each in all_forms() if not each.__module__.startswith("django.")]
    fields = {name for each in own for name in getattr(each, "base_fields", ())}
    assert {"items", "sites", "reason"} <= fields
    assert fields.isdisjoint(dir(forms.Form))
