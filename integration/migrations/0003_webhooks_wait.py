from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integration", "0002_failing_webhooks"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhook",
            name="failures",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="webhook",
            name="gone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="webhook",
            name="resumes_at",
            field=models.DateTimeField(null=True),
        ),
    ]
