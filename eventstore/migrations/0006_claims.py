from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0005_done_effects"),
    ]

    operations = [
        migrations.AlterField(
            model_name="doneeffect",
            name="done_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parkedevent",
            name="claimed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
