"""The comparison: the `eventsourcing` package with its default recorders, set up as its own manual says."""
# The package is there for `make bench` alone; to the type checker it may be unknown.
# mypy: allow-subclassing-any, allow-untyped-decorators

from uuid import UUID

from django.conf import settings
from django.db import connection
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Job(Aggregate):
    """A job with the same data as ours. It checks no rules, which makes it faster."""

    @event("Raised")
    def __init__(self, title: str, description: str, site_ids: list[str]) -> None:
        self.title = title
        self.description = description
        self.site_ids = site_ids
        self.stage = "raised"
        self.operative_id = ""

    @event("Assigned")
    def assign(self, operative_id: str) -> None:
        self.operative_id = operative_id
        self.stage = "assigned"

    @event("Dispatched")
    def dispatch(self, operative_id: str, estimated_arrival: str) -> None:
        self.operative_id = operative_id
        self.estimated_arrival = estimated_arrival
        self.stage = "dispatched"

    @event("Arrived")
    def arrive(self, operative_id: str) -> None:
        self.operative_id = operative_id
        self.stage = "arrived"

    @event("Completed")
    def complete(self, operative_id: str, outcome: str) -> None:
        self.operative_id = operative_id
        self.outcome = outcome
        self.stage = "completed"


class Jobs(Application[UUID]):
    """The repository of jobs."""


def jobs(*, create_tables: bool = True) -> Jobs:
    """The application on the database of this process; on SQLite in a file beside ours."""
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        file = f"{database['NAME']}.rival"
        return Jobs(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": file})
    return Jobs(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "CREATE_TABLE": "yes" if create_tables else "no",
            "POSTGRES_DBNAME": database["NAME"],
            "POSTGRES_HOST": database["HOST"],
            "POSTGRES_PORT": str(database["PORT"] or 5432),
            "POSTGRES_USER": database["USER"],
            "POSTGRES_PASSWORD": database["PASSWORD"],
        }
    )
