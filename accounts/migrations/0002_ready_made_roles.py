"""The roles that come ready-made, written out: what a migration does must not change with the code."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROLES = {
    "Response": ["raise_work"],
    "Control": ["assign_work"],
    "Operative": ["do_work"],
    "Administration": ["manage_operatives", "manage_sites", "see_events", "manage_permissions"],
}


def add_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add each role that is not there. Only once, so that a role deleted later stays deleted."""
    role = apps.get_model("accounts", "Role")
    for name, features in ROLES.items():
        role.objects.using(schema_editor.connection.alias).get_or_create(
            name=name, defaults={"features": features}
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    # Backwards they stay: people may hold them.
    operations = [migrations.RunPython(add_roles, migrations.RunPython.noop)]
