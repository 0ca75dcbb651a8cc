"""The table of operatives."""

from django.db import models

from readmodels.models.columns import ByteOrderedText


class OperativeRow(models.Model):
    """An operative as they are now."""

    operative_id = models.UUIDField(primary_key=True)
    forename = models.TextField()
    surname = models.TextField()
    sort_key = ByteOrderedText(default="", help_text="Surname and forename, to be sorted by.")
    hired_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "operative"
        ordering = ("sort_key", "operative_id")
        indexes = (models.Index(fields=["sort_key", "operative_id"], name="operative_in_order"),)

    def __str__(self) -> str:
        return f"{self.forename} {self.surname}"
