"""The table of operatives."""

from django.db import models


class OperativeRow(models.Model):
    """An operative as they are now."""

    operative_id = models.UUIDField(primary_key=True)
    forename = models.TextField()
    surname = models.TextField()
    hired_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "operative"
        ordering = ("surname", "forename", "operative_id")
        indexes = (models.Index(fields=["surname", "forename", "operative_id"], name="operative_by_name"),)

    def __str__(self) -> str:
        return f"{self.forename} {self.surname}"
