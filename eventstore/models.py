"""The two tables of the kernel: the events themselves, and how far each reader of them has come."""

from django.db import models


class StoredEvent(models.Model):
    """One event of the embedded store. Never changed and never deleted."""

    position = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    stream = models.CharField(max_length=120)
    version = models.IntegerField()
    type = models.CharField(max_length=80)
    schema_version = models.SmallIntegerField()
    # Text, not a JSON column: the store never looks inside, and what was written is kept byte for byte.
    data = models.TextField()
    actor = models.CharField(max_length=120)
    correlation_id = models.UUIDField()
    causation_id = models.UUIDField()
    source = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stream", "version"], name="one_event_per_version")]
        # Every index is paid for by every append. An actor's events are dense enough to be met on the way.
        indexes = [models.Index(fields=["type", "position"], name="event_by_type")]

    def __str__(self) -> str:
        return f"{self.position} {self.type} {self.stream}@{self.version}"


class Checkpoint(models.Model):
    """How far a read model has come: the position of the last event it has taken in.

    `version` is the read model's code version that filled its tables. A read model that met an event
    it could not take in stands still just before it: `failed_position` and `error` say where and why.
    """

    name = models.CharField(max_length=80, primary_key=True)
    version = models.IntegerField()
    position = models.BigIntegerField(default=0)
    failed_position = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    advanced_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"
