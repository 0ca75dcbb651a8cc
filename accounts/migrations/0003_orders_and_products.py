"""What the ready-made roles may do with orders, products and what other systems are told."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ADDED = {
    "Response": ["place_orders"],
    "Control": ["place_orders", "manage_orders"],
    "Operative": ["place_orders"],
    "Administration": ["manage_orders", "manage_products", "manage_integration"],
}


def extend_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the features to those of the roles that are still there."""
    role = apps.get_model("accounts", "Role")
    for each in role.objects.using(schema_editor.connection.alias).filter(name__in=ADDED):
        each.features = [*each.features, *(new for new in ADDED[each.name] if new not in each.features)]
        each.save(update_fields=["features"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_ready_made_roles")]

    # Backwards they stay: a feature that the code does not know allows nothing.
    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
