"""The tables of work."""

from django.db import models

from readmodels.models.sites import SiteRow


class WorkState(models.Model):
    """Where a job stands: what its steps change, and what an undo puts back."""

    class Stage(models.TextChoices):
        RAISED = "raised", "Raised"
        ASSIGNED = "assigned", "Assigned"
        DISPATCHED = "dispatched", "On the way"
        ARRIVED = "arrived", "On site"
        COMPLETED = "completed", "Completed"
        ABANDONED = "abandoned", "Abandoned"
        WITHDRAWN = "withdrawn", "Withdrawn"

    stage = models.CharField(max_length=12, choices=Stage.choices)
    operative_id = models.UUIDField(null=True, help_text="Who holds the work, or completed it.")
    assigned_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    estimated_arrival = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    outcome = models.TextField()
    abandoned_at = models.DateTimeField(null=True)
    abandoned_by = models.UUIDField(null=True, help_text="The operative who last gave the work back.")
    abandoned_reason = models.CharField(max_length=20)
    abandoned_note = models.TextField()
    reported_by = models.TextField(
        default="", help_text="The actor who said that it was completed or, last, given back."
    )
    # Two small indexes over open work only: null when it does not apply, so that Control's board costs the
    # same however long the history is.
    waiting_since = models.DateTimeField(null=True, help_text="When raised, while nobody is assigned.")
    queue_place = models.BigIntegerField(null=True, help_text="Position of the assignment, while open.")

    class Meta:
        abstract = True


class WorkRow(WorkState):
    """A job of work as it is now."""

    work_id = models.UUIDField(primary_key=True)
    number = models.IntegerField(help_text="Counts jobs in the order in which they were recorded, from 1.")
    title = models.TextField()
    description = models.TextField()
    raised_at = models.DateTimeField()
    raised_by = models.TextField()
    withdrawn_at = models.DateTimeField(null=True, help_text="When it was undone that it was raised.")
    version = models.IntegerField(default=0, help_text="How many of its steps stand: an undo takes one back.")

    class Meta:
        default_permissions = ("view",)
        verbose_name = "work"
        verbose_name_plural = "work"
        ordering = ("-raised_at", "-number")
        indexes = (
            models.Index(fields=["raised_at", "number"], name="work_by_raised"),
            models.Index(fields=["operative_id", "raised_at", "number"], name="work_by_operative"),
            models.Index(
                fields=["waiting_since", "number"],
                name="work_waiting",
                condition=models.Q(waiting_since__isnull=False),
            ),
            models.Index(
                fields=["operative_id", "queue_place"],
                name="work_queued",
                condition=models.Q(queue_place__isnull=False),
            ),
            models.Index(
                fields=["completed_at"], name="work_done", condition=models.Q(completed_at__isnull=False)
            ),
            models.Index(
                fields=["raised_at", "number"],
                name="work_withdrawn",
                condition=models.Q(withdrawn_at__isnull=False),
            ),
            models.Index(fields=["number"], name="work_by_number"),
            models.Index(
                fields=["abandoned_by"],
                name="work_given_back",
                condition=models.Q(abandoned_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class WorkStepRow(WorkState):
    """Where a job stood before a step that can be undone, which took it from this `version` to the next."""

    pk = models.CompositePrimaryKey("work_id", "version")
    work_id = models.UUIDField()
    version = models.IntegerField()

    class Meta:
        default_permissions = ("view",)
        verbose_name = "step of work"
        verbose_name_plural = "steps of work"

    def __str__(self) -> str:
        return f"{self.work_id} at {self.version}"


class WorkSiteRow(models.Model):
    """A site that a job is for. `place` keeps the order in which they were ticked."""

    pk = models.CompositePrimaryKey("work_id", "site_id")
    work = models.ForeignKey(
        WorkRow, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="places"
    )
    # A site that is not known here yet has only its id.
    site = models.ForeignKey(
        SiteRow, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    place = models.SmallIntegerField()

    class Meta:
        default_permissions = ("view",)
        verbose_name = "site of work"
        verbose_name_plural = "sites of work"
        indexes = (models.Index(fields=["site", "work"], name="work_at_site"),)

    def __str__(self) -> str:
        return f"{self.work_id} at {self.site_id}"


class WorkCounter(models.Model):
    """How many jobs there have ever been, which is the number of the last; and how many of them were
    withdrawn. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    jobs = models.IntegerField(default=0)
    withdrawn = models.IntegerField(default=0)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "counter of work"
        verbose_name_plural = "counter of work"

    def __str__(self) -> str:
        return f"{self.jobs} jobs"
