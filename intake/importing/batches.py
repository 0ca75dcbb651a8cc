"""Takes requests in batches, each of them one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.conf import settings
from django.db import transaction

from eventstore.decider import Refused
from eventstore.dispatch import CommandIdReused
from eventstore.store import WrongVersion
from intake.importing.intake import Intake
from intake.importing.report import Report
from intake.importing.service_request import NotTaken, ServiceRequest

# One wait for the disk in so many rows, instead of three waits for each row. More would not be much
# quicker, and other writers wait for the end of a batch.
BATCH = 50


def take_all(
    requests: Iterable[ServiceRequest], intake: Intake, report: Report, *, dry_run: bool = False
) -> None:
    """Take the requests, and report those that a rule refuses.

    In the embedded store a batch is stored whole or not at all, and so is each row in it; in KurrentDB
    this holds for each command only. An import that was stopped is finished by running it again. A dry run
    does the same and rolls every batch back.
    """
    for batch in _batches(requests, BATCH):
        with transaction.atomic():
            for request in batch:
                _take(request, intake, report)
            if dry_run:
                transaction.set_rollback(True)


def _take(request: ServiceRequest, intake: Intake, report: Report) -> None:
    try:
        with transaction.atomic():
            intake.take(request)
        report.take(intake.stored)
    except (NotTaken, Refused, WrongVersion) as error:
        # KurrentDB keeps what the row's first commands have stored.
        report.report(request.line, _why(error), stored=intake.stored if settings.EVENT_STORE_URL else set())


def _why(error: NotTaken | Refused | WrongVersion) -> NotTaken:
    match error:
        case NotTaken():
            return error
        case CommandIdReused():
            return NotTaken("It was imported before with other contents; what is there stays")
        case Refused():
            return NotTaken(str(error))
        case _:
            return NotTaken("Somebody else was changing it meanwhile; import it again")


def _batches(requests: Iterable[ServiceRequest], size: int) -> Iterator[Sequence[ServiceRequest]]:
    rest = iter(requests)
    while batch := list(islice(rest, size)):
        yield batch
