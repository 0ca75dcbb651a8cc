"""A place of work refers to its site. The column, its type and its index are the same as before."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readmodels", "0009_reported_by"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="worksiterow", name="work_at_site"),
                migrations.RemoveField(model_name="worksiterow", name="site_id"),
                migrations.AddField(
                    model_name="worksiterow",
                    name="site",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="readmodels.siterow",
                    ),
                    preserve_default=False,
                ),
                migrations.AddIndex(
                    model_name="worksiterow",
                    index=models.Index(fields=["site", "work"], name="work_at_site"),
                ),
            ]
        ),
    ]
