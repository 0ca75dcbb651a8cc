from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("position", models.BigIntegerField(default=0)),
                ("failed_position", models.BigIntegerField(null=True)),
                ("error", models.TextField(blank=True)),
                ("advanced_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StoredEvent",
            fields=[
                ("position", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(unique=True)),
                ("stream", models.CharField(max_length=120)),
                ("version", models.IntegerField()),
                ("type", models.CharField(max_length=80)),
                ("schema_version", models.SmallIntegerField()),
                ("data", models.TextField()),
                ("actor", models.CharField(max_length=120)),
                ("correlation_id", models.UUIDField()),
                ("causation_id", models.UUIDField()),
                ("source", models.CharField(max_length=40)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["type", "position"], name="event_by_type")],
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "version"), name="one_event_per_version")
                ],
            },
        ),
    ]
