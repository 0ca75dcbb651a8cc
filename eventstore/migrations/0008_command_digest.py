from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0007_parked_due"),
    ]

    operations = [
        # In these words neither database rewrites the table, however many events it holds (Django's own would make
        # a new one on SQLite), and the default stays, for processes of an older version that append meanwhile.
        migrations.RunSQL(
            "ALTER TABLE eventstore_storedevent ADD COLUMN command_digest varchar(40) NOT NULL DEFAULT ''",
            "ALTER TABLE eventstore_storedevent DROP COLUMN command_digest",
            state_operations=[
                migrations.AddField(
                    model_name="storedevent",
                    name="command_digest",
                    field=models.CharField(db_default="", max_length=40),
                )
            ],
        )
    ]
