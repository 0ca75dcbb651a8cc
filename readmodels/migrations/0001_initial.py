import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WorkCounter",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("jobs", models.IntegerField(default=0)),
            ],
            options={
                "verbose_name": "counter of work",
                "verbose_name_plural": "counter of work",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="OperativeRow",
            fields=[
                ("operative_id", models.UUIDField(primary_key=True, serialize=False)),
                ("forename", models.TextField()),
                ("surname", models.TextField()),
                ("hired_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "operative",
                "ordering": ("surname", "forename", "operative_id"),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["surname", "forename", "operative_id"], name="operative_by_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="SiteRow",
            fields=[
                ("site_id", models.UUIDField(primary_key=True, serialize=False)),
                ("address_line_1", models.TextField()),
                ("town", models.TextField()),
                ("post_code", models.TextField()),
                ("telephone_number", models.TextField()),
                (
                    "search",
                    models.TextField(
                        help_text="Address, town and post code in lower case, and the number's digits."
                    ),
                ),
                ("acquired_at", models.DateTimeField()),
                ("relinquished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "site",
                "ordering": ("town", "address_line_1", "site_id"),
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["town", "address_line_1", "site_id"], name="site_by_place")],
            },
        ),
        migrations.CreateModel(
            name="WorkRow",
            fields=[
                ("work_id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "number",
                    models.IntegerField(
                        help_text="Counts jobs in the order in which they were recorded, from 1."
                    ),
                ),
                ("title", models.TextField()),
                ("description", models.TextField()),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("raised", "Raised"),
                            ("assigned", "Assigned"),
                            ("dispatched", "On the way"),
                            ("arrived", "On site"),
                            ("completed", "Completed"),
                            ("abandoned", "Abandoned"),
                        ],
                        max_length=12,
                    ),
                ),
                ("raised_at", models.DateTimeField()),
                ("raised_by", models.TextField()),
                (
                    "operative_id",
                    models.UUIDField(help_text="Who holds the work, or completed it.", null=True),
                ),
                ("assigned_at", models.DateTimeField(null=True)),
                ("dispatched_at", models.DateTimeField(null=True)),
                ("estimated_arrival", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("completed_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField()),
                ("abandoned_at", models.DateTimeField(null=True)),
                (
                    "abandoned_by",
                    models.UUIDField(help_text="The operative who last gave the work back.", null=True),
                ),
                ("abandoned_reason", models.CharField(max_length=20)),
                ("abandoned_note", models.TextField()),
                (
                    "waiting_since",
                    models.DateTimeField(help_text="When raised, while nobody is assigned.", null=True),
                ),
                (
                    "queue_place",
                    models.BigIntegerField(help_text="Position of the assignment, while open.", null=True),
                ),
            ],
            options={
                "verbose_name": "work",
                "verbose_name_plural": "work",
                "ordering": ("-raised_at", "-number"),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["raised_at", "number"], name="work_by_raised"),
                    models.Index(fields=["operative_id", "raised_at", "number"], name="work_by_operative"),
                    models.Index(
                        condition=models.Q(("waiting_since__isnull", False)),
                        fields=["waiting_since", "number"],
                        name="work_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("queue_place__isnull", False)),
                        fields=["operative_id", "queue_place"],
                        name="work_queued",
                    ),
                    models.Index(
                        condition=models.Q(("completed_at__isnull", False)),
                        fields=["completed_at"],
                        name="work_done",
                    ),
                    models.Index(fields=["number"], name="work_by_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkSiteRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "work_id", "site_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("site_id", models.UUIDField()),
                ("place", models.SmallIntegerField()),
                (
                    "work",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="places",
                        to="readmodels.workrow",
                    ),
                ),
            ],
            options={
                "verbose_name": "site of work",
                "verbose_name_plural": "sites of work",
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["site_id", "work"], name="work_at_site")],
            },
        ),
    ]
