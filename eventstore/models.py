"""The kernel's tables: the events themselves, how far each reader of them has come, and what reactions have
put aside."""

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
    """How far a read model or a reaction has come: the position of the last event it has taken in.

    `version` is the code version that filled a read model's tables, `start` the position after which it
    began. A read model that met an event it could not take in stands still just before it:
    `failed_position` and `error` say where and why; of a reaction, at which event, and for what it waits.
    """

    name = models.CharField(max_length=80, primary_key=True)
    version = models.IntegerField()
    start = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    failed_position = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    advanced_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class ParkedEvent(models.Model):
    """An event that a reaction has put aside: it failed, or waits behind an earlier one of its stream, or
    its time has not come (`is_timer`), in which case no other waits for it.

    The earliest of a stream is tried again at `due_at`; null once it has failed too often, and somebody has
    to look, and for what waits behind it, which comes when that is gone (parked.let_next_come). It has been
    aside `since` then. `claimed_at` is when an attempt began that has not ended.
    """

    reaction = models.CharField(max_length=80)
    position = models.BigIntegerField()
    stream = models.CharField(max_length=120)
    version = models.IntegerField()
    type = models.CharField(max_length=80)
    attempts = models.IntegerField(default=0)
    error = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    is_timer = models.BooleanField(default=False)
    since = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["reaction", "position"], name="parked_once")]
        indexes = [
            models.Index(fields=["reaction", "stream", "position"], name="parked_by_stream"),
            models.Index(fields=["reaction", "due_at"], name="parked_due"),
        ]

    def __str__(self) -> str:
        return f"{self.reaction}: {self.type} {self.stream}@{self.version}"


class DoneEffect(models.Model):
    """Something that a reaction does once and must not do again, such as a mail. The row is its claim, made
    before; `done_at` marks it after. The id follows from the event and the reaction."""

    id = models.UUIDField(primary_key=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.id)
