"""The operative: somebody who goes out to sites and deals with work."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from eventstore.decider import Decider, Refused
from operatives.commands import HireOperative, OperativeCommand, ReleaseOperative, RenameOperative
from operatives.events import OperativeEvent, OperativeHired, OperativeReleased, OperativeRenamed
from spelling.line import has_line_break, trimmed


class Status(Enum):
    NONE = "none"
    EMPLOYED = "employed"
    RELEASED = "released"


@dataclass(frozen=True)
class Operative:
    status: Status = Status.NONE
    forename: str = ""
    surname: str = ""


def hire(command: HireOperative, operative: Operative) -> Sequence[OperativeEvent]:
    if operative.status is not Status.NONE:
        raise Refused("This operative has already been hired")
    forename, surname = full_name(command)
    return [OperativeHired(operative_id=command.operative_id, forename=forename, surname=surname)]


def rename(command: RenameOperative, operative: Operative) -> Sequence[OperativeEvent]:
    must_be_employed(operative)
    forename, surname = full_name(command)
    if (forename, surname) == (operative.forename, operative.surname):
        return []
    return [OperativeRenamed(operative_id=command.operative_id, forename=forename, surname=surname)]


def release(command: ReleaseOperative, operative: Operative) -> Sequence[OperativeEvent]:
    must_be_employed(operative)
    if command.open_jobs:
        jobs = "1 open job" if command.open_jobs == 1 else f"{command.open_jobs} open jobs"
        raise Refused(f"{operative.forename} cannot be released while holding {jobs}")
    return [OperativeReleased(operative_id=command.operative_id)]


def full_name(command: HireOperative | RenameOperative) -> tuple[str, str]:
    forename, surname = trimmed(command.forename), trimmed(command.surname)
    if not forename:
        raise Refused("Operative must have a forename")
    if not surname:
        raise Refused("Operative must have a surname")
    if has_line_break(forename) or has_line_break(surname):
        raise Refused("A name must be one line")
    return forename, surname


def must_be_employed(operative: Operative) -> None:
    if operative.status is Status.NONE:
        raise Refused("This operative was never hired")
    if operative.status is Status.RELEASED:
        raise Refused(f"{operative.forename} {operative.surname} has been released")


def decide(command: OperativeCommand, operative: Operative) -> Sequence[OperativeEvent]:
    match command:
        case HireOperative():
            return hire(command, operative)
        case RenameOperative():
            return rename(command, operative)
        case ReleaseOperative():
            return release(command, operative)
        case _:
            assert_never(command)


def evolve(operative: Operative, event: OperativeEvent) -> Operative:
    match event:
        case OperativeHired() | OperativeRenamed():
            return Operative(Status.EMPLOYED, event.forename, event.surname)
        case OperativeReleased():
            return Operative(Status.RELEASED, operative.forename, operative.surname)
        case _:
            assert_never(event)


OPERATIVE = Decider(
    category="operative",
    identify=lambda c: c.operative_id,
    initial=Operative(),
    decide=decide,
    evolve=evolve,
)
