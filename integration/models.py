"""Webhooks, and what was or will be delivered to them: configuration and a log, not history."""

from django.db import models
from django.db.models import Q

WAITING = Q(due_at__isnull=False)
FAILED = Q(due_at__isnull=True, error__gt="")
DELIVERED = Q(due_at__isnull=True, error="")
"""Deliveries by how their last attempt went. One that arrived, and failed when it was sent again, counts
as failed, and somebody has to look."""


AT_REST = {"failing_since": None, "failures": 0, "resumes_at": None, "gone_at": None}
"""The values of a webhook that is to be tried at once."""


class Webhook(models.Model):
    """An address to which events of some types are posted.

    The secret is kept as it is, because it signs every delivery: a person who can read the database can
    sign. It is shown once, to the person who has it made.

    `attempted_at` and `failing_since` let webhooks share the sender fairly (delivery_schedule.py); the
    latter is null if the last attempt went well. After `failures` in a row nothing is tried before
    `resumes_at`. A webhook whose receiver has answered that it is gone for good is disabled, since
    `gone_at`.
    """

    url = models.CharField(max_length=500)
    types = models.JSONField()
    secret = models.CharField(max_length=80)
    is_enabled = models.BooleanField(default=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.CharField(max_length=120)
    attempted_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    resumes_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event for one webhook, with the result of the last attempt. The body is kept, so that every
    attempt sends the same.

    To be tried at `due_at`; null once it was delivered, or has failed too often. `delivered_at` is when it
    last arrived; it stays, however a later redelivery goes.
    """

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    type = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    answer_code = models.SmallIntegerField(null=True)
    answer = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["webhook", "event_id"], name="delivered_once")]
        indexes = [
            models.Index(fields=["webhook", "due_at"], name="delivery_due"),
            models.Index(fields=["created_at"], name="delivery_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id} to {self.webhook_id}"

    @property
    def status(self) -> str:
        """Its status, as people read it."""
        if self.due_at is not None:
            return "Trying again" if self.attempts else "Waiting"
        return "Failed" if self.error else "Delivered"
