"""The table of sites."""

from django.db import models

from readmodels.models.columns import ByteOrderedText


class SiteRow(models.Model):
    """A site as it is now."""

    site_id = models.UUIDField(primary_key=True)
    address_line_1 = models.TextField()
    town = models.TextField()
    post_code = models.TextField()
    telephone_number = models.TextField()
    sort_key = ByteOrderedText(default="", help_text="Town and address, to be sorted by.")
    acquired_at = models.DateTimeField()
    relinquished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "site"
        ordering = ("sort_key", "site_id")
        indexes = (models.Index(fields=["sort_key", "site_id"], name="site_in_order"),)

    def __str__(self) -> str:
        return f"{self.address_line_1}, {self.town}"
