"""The migrations that add the ready-made roles and what they may do."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from accounts.features import READY_MADE
from accounts.models import Role

migration = importlib.import_module("accounts.migrations.0002_ready_made_roles")
extension = importlib.import_module("accounts.migrations.0003_orders_and_products")


def test_the_migrations_know_the_roles_that_the_code_knows() -> None:
    made = {name: {*features, *extension.ADDED[name]} for name, features in migration.ROLES.items()}
    assert made == {name: set(map(str, features)) for name, features in READY_MADE.items()}


@pytest.mark.django_db
def test_missing_roles_are_added_and_changed_ones_are_left_alone() -> None:
    Role.objects.all().delete()
    Role.objects.create(name="Control", features=["see_events"])
    migration.add_roles(apps, SimpleNamespace(connection=connection))
    assert set(Role.objects.values_list("name", flat=True)) == set(READY_MADE)
    assert Role.objects.get(name="Control").features == ["see_events"]
    assert Role.objects.get(name="Response").features == ["raise_work"]
