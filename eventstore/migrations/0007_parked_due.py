from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Exists, OuterRef


def not_due_behind_another(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """What waits behind an earlier event of its stream has no time of its own any more."""
    parked = apps.get_model("eventstore", "ParkedEvent")._default_manager
    earlier = parked.filter(
        reaction=OuterRef("reaction"),
        stream=OuterRef("stream"),
        position__lt=OuterRef("position"),
        is_timer=False,
    )
    parked.filter(Exists(earlier), attempts=0, is_timer=False).update(due_at=None)


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0006_claims"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="parkedevent",
            index=models.Index(fields=["reaction", "due_at"], name="parked_due"),
        ),
        migrations.RunPython(not_due_behind_another, migrations.RunPython.noop),
    ]
