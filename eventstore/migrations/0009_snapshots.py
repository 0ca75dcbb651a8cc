from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0008_command_digest"),
    ]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream", models.CharField(max_length=120)),
                ("event_id", models.UUIDField()),
                ("version", models.IntegerField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "event_id"), name="one_receipt_per_event")
                ],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream", models.CharField(max_length=120)),
                ("state_version", models.CharField(max_length=40)),
                ("version", models.IntegerField()),
                ("event_id", models.UUIDField()),
                ("state", models.TextField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stream", "state_version"), name="one_snapshot_per_state_version"
                    )
                ],
            },
        ),
    ]
