import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def find_makers(apps, _schema_editor):
    """Events name people by their keys, and so did tokens alone until now."""
    people = apps.get_model("accounts", "User").objects
    for token in apps.get_model("accounts", "Token").objects.all():
        key = token.made_by.removeprefix("user-")
        token.maker = people.filter(pk=key).first() if key.isdecimal() else None
        token.save(update_fields=["maker"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_tokens")]

    operations = [
        migrations.AddField(
            model_name="token",
            name="maker",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="tokens",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(find_makers, migrations.RunPython.noop),
    ]
