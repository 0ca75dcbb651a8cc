from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0003_timers"),
    ]

    operations = [
        migrations.AddField(
            model_name="parkedevent",
            name="since",
            field=models.DateTimeField(auto_now_add=True, default=timezone.now),
            preserve_default=False,
        ),
    ]
