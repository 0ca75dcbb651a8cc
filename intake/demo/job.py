"""One job's story, as entries in the diary."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

from intake.demo.cast import Actors, Operative, Site
from intake.demo.diary import Diary
from intake.demo.material import FAULTS, Case, Fault
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    WorkCommand,
)
from support.events import AbandonReason
from support.work import WORK


@dataclass
class Job:
    """A job. What an operative does is recorded by themselves if they have an account, otherwise by
    Control."""

    work_id: UUID
    fault: Fault
    case: Case
    caller: str
    spot: str
    diary: Diary
    actors: Actors
    operative: Operative | None = None
    given_back_by: list[Operative] = field(default_factory=list)

    def raise_work(self, at: datetime, sites: Sequence[Site]) -> None:
        raise_work = RaiseWork(
            work_id=self.work_id,
            title=self.fault.title,
            description=self._filled(self.case.told),
            sites=tuple(site.fact for site in sites),
        )
        self.diary.note(at, raise_work, WORK, self.actors.response)

    def assign(self, at: datetime, operative: Operative) -> None:
        self.operative = operative
        assign = AssignWork(work_id=self.work_id, operative=operative.fact)
        self.diary.note(at, assign, WORK, self.actors.control)

    def dispatch(self, at: datetime, estimated_arrival: datetime | None) -> None:
        command = DispatchOperative(
            work_id=self.work_id, now=at, estimated_arrival=estimated_arrival, acting=self._acting
        )
        self._note(at, command)

    def arrive(self, at: datetime) -> None:
        self._note(at, ArriveOnSite(work_id=self.work_id, acting=self._acting))

    def complete(self, at: datetime) -> None:
        outcome = self._filled(self.case.done)
        self._note(at, CompleteWork(work_id=self.work_id, outcome=outcome, acting=self._acting))

    def settle_by_telephone(self, at: datetime) -> None:
        outcome = self._filled(self.case.by_telephone) or "Talked it through with them; no visit needed."
        self._note(at, CompleteWork(work_id=self.work_id, outcome=outcome, acting=self._acting))

    def abandon(self, at: datetime, reason: AbandonReason, rng: Random) -> None:
        note = rng.choice(FAULTS.abandoning[reason])
        self._note(at, AbandonWork(work_id=self.work_id, reason=reason, note=note, acting=self._acting))
        assert self.operative is not None
        self.given_back_by.append(self.operative)
        self.operative = None

    def _filled(self, text: str) -> str:
        filled = text.format(caller=self.caller, spot=self.spot)
        # "talked The caretaker through": only the beginning of a sentence has a capital.
        return re.sub(r"(?<=[a-z] )The (?=[a-z])", "the ", filled)

    @property
    def _acting(self) -> UUID | None:
        holder = self.operative
        return holder.operative_id if holder is not None and holder.actor else None

    def _note(self, at: datetime, command: WorkCommand) -> None:
        own = self.operative.actor if self.operative is not None else None
        self.diary.note(at, command, WORK, own or self.actors.control)
