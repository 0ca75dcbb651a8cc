"""The table of sites."""

from django.db import models


class SiteRow(models.Model):
    """A site as it is now."""

    site_id = models.UUIDField(primary_key=True)
    address_line_1 = models.TextField()
    town = models.TextField()
    post_code = models.TextField()
    telephone_number = models.TextField()
    search = models.TextField(help_text="Address, town and post code in lower case, and the number's digits.")
    acquired_at = models.DateTimeField()
    relinquished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "site"
        ordering = ("town", "address_line_1", "site_id")
        indexes = (models.Index(fields=["town", "address_line_1", "site_id"], name="site_by_place"),)

    def __str__(self) -> str:
        return f"{self.address_line_1}, {self.town}"
