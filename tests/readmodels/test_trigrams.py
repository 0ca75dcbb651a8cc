"""The extension behind the indexes of texts, which a database need not have."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from readmodels.models import WorkText
from readmodels.models.columns import has_trigrams

migration = import_module("readmodels.migrations.0007_search_texts")


def made_by(statements: list[str]) -> bool:
    return any("gin_trgm_ops" in statement for statement in statements)


def statements() -> list[str]:
    """What a rebuild runs to make the table of work's texts."""
    with connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(WorkText)
    return list(editor.collected_sql)


@pytest.mark.postgresql
@pytest.mark.django_db
def test_where_the_extension_may_not_be_made_migrating_goes_on_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert has_trigrams(connection)
    assert made_by(statements())
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        cursor.execute("CREATE ROLE callout_without_rights")
        cursor.execute("SET LOCAL ROLE callout_without_rights")
        migration.make_trigrams(apps, connection.schema_editor())
        said = capsys.readouterr().err
        assert "pg_trgm cannot be made here" in said
        assert "rebuild --all" in said
        assert not made_by(statements())
        cursor.execute("RESET ROLE")
        migration.make_trigrams(apps, connection.schema_editor())
        assert capsys.readouterr().err == ""
        assert made_by(statements())
