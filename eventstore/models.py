"""The kernel's tables: the events, how far each reader of them has come, and the events that reactions
have parked."""

from django.db import models


class StoredEvent(models.Model):
    """One event of the embedded store. Never changed and never deleted."""

    position = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    stream = models.CharField(max_length=120)
    version = models.IntegerField()
    type = models.CharField(max_length=80)
    schema_version = models.SmallIntegerField()
    # Text, not a JSON column: the store never looks inside, and keeps what was written byte for byte.
    data = models.TextField()
    actor = models.CharField(max_length=120)
    correlation_id = models.UUIDField()
    causation_id = models.UUIDField()
    source = models.CharField(max_length=40)
    command_digest = models.CharField(max_length=40, db_default="")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stream", "version"], name="one_event_per_version")]
        # Every append pays for every index. There is none for actors: reading on finds the events of one
        # soon enough.
        indexes = [models.Index(fields=["type", "position"], name="event_by_type")]

    def __str__(self) -> str:
        return f"{self.position} {self.type} {self.stream}@{self.version}"


class Checkpoint(models.Model):
    """How far a read model or a reaction has come: the position of the last event that it has taken in.

    `version` is the code version that filled a read model's tables, and `start` the position after which
    it began. A read model that cannot take in an event stops just before it: `failed_position` and `error`
    say where and why. For a reaction that waits, they say at which event, and for what.
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
    """An event that a reaction has parked: because it failed, because it waits behind an earlier one of
    its stream, or because its time has not come (`is_timer`). No other event waits for a timer.

    The earliest of a stream is tried again at `due_at`. `due_at` is null once the event has failed too
    often, so that somebody has to look. It is also null for an event that waits behind another;
    let_next_come (parked.py) sets it when that one is gone. `since` is when the event was parked.
    `claimed_at` is when an attempt began that has not ended.
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
    """Something that a reaction does once and must not repeat, such as a mail. The row is inserted before,
    as a claim; `done_at` is set after. The id follows from the event and the reaction."""

    id = models.UUIDField(primary_key=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.id)


class Snapshot(models.Model):
    """The state of an aggregate after the event of this version and id, as JSON, made by code of this version
    of the state (eventstore/snapshots.py). It may go at any time."""

    stream = models.CharField(max_length=120)
    state_version = models.CharField(max_length=40)
    version = models.IntegerField()
    event_id = models.UUIDField()
    state = models.TextField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["stream", "state_version"], name="one_snapshot_per_state_version")
        ]

    def __str__(self) -> str:
        return f"{self.stream}@{self.version}"


class Receipt(models.Model):
    """Where an event id stands in a stream of a store that has no index of ids. They are complete up to the
    version of each snapshot of the stream, and go with these."""

    stream = models.CharField(max_length=120)
    event_id = models.UUIDField()
    version = models.IntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stream", "event_id"], name="one_receipt_per_event")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.stream}@{self.version}"
