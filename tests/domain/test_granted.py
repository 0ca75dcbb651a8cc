"""A command whose facts from elsewhere have turned against it says the same once they are granted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from eventstore.decider import Decider, Refused
from operatives.commands import ReleaseOperative
from operatives.events import OperativeHired
from operatives.operative import OPERATIVE
from orders.commands import WorkFact
from orders.order import ORDER
from products.commands import ProductStatus
from sites.commands import RelinquishSite, SiteStatus
from sites.events import SiteAcquired
from sites.site import SITE
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    Shown,
)
from support.events import AbandonReason
from support.work import UNDOABLE, WORK, Stage
from tests.domain.histories import AT, HARBOUR, JOB, LEFT, NOW, OLIVE, PETER, RAISED, SOON
from tests.domain.test_order import PLACE
from tests.domain.test_work_undo import UNDO

HIRED = OperativeHired(operative_id=OLIVE.operative_id, forename="Olive", surname="Marsh")
ACQUIRED = SiteAcquired(
    site_id=HARBOUR.site_id,
    address_line_1="1 Harbour Street",
    town="Whitby",
    post_code="YO21 1AA",
    telephone_number="01947 600100",
)
RAISE = RaiseWork(work_id=JOB, title="Boiler out", description="No heating.", sites=(HARBOUR,))
ASSIGN = AssignWork(work_id=JOB, operative=OLIVE)
SET_OUT = DispatchOperative(work_id=JOB, now=NOW, estimated_arrival=SOON, acting=OLIVE.operative_id)
ARRIVE = ArriveOnSite(work_id=JOB, acting=OLIVE.operative_id)
COMPLETE = CompleteWork(work_id=JOB, outcome="Done", acting=OLIVE.operative_id)
ABANDON = AbandonWork(work_id=JOB, reason=AbandonReason.OTHER, note="Wasps.", acting=OLIVE.operative_id)
ANOTHER = Shown(operative_id=PETER.operative_id, stage=Stage.ARRIVED)
RELEASE = ReleaseOperative(operative_id=OLIVE.operative_id, open_jobs=0)
RELINQUISH = RelinquishSite(site_id=HARBOUR.site_id, open_jobs=0)
KNOWN = WorkFact(work_id=JOB, is_known=True)
ORDERED = replace(PLACE, site=HARBOUR, work=KNOWN)
WITHDRAWN = tuple(
    replace(each, product=replace(each.product, status=ProductStatus.WITHDRAWN)) for each in PLACE.items
)
GONE = replace(HARBOUR, status=SiteStatus.RELINQUISHED)

Turned = tuple[Decider[Any, Any, Any], Sequence[Any], Any, dict[str, Any]]
TURNED: dict[str, Turned] = {
    "raise": (WORK, [], RAISE, {"sites": (GONE,)}),
    "assign": (WORK, [RAISED], ASSIGN, {"operative": replace(OLIVE, status=LEFT.status)}),
    "set out, later": (WORK, AT[Stage.ASSIGNED], SET_OUT, {"now": SOON}),
    "set out": (WORK, AT[Stage.ASSIGNED], SET_OUT, {"acting": PETER.operative_id}),
    "arrive": (WORK, AT[Stage.DISPATCHED], ARRIVE, {"acting": PETER.operative_id}),
    "complete": (WORK, AT[Stage.ASSIGNED], COMPLETE, {"acting": PETER.operative_id}),
    "abandon": (WORK, AT[Stage.ASSIGNED], ABANDON, {"acting": PETER.operative_id}),
    "set out, shown another": (WORK, AT[Stage.ASSIGNED], SET_OUT, {"shown": ANOTHER}),
    "arrive, shown another": (WORK, AT[Stage.DISPATCHED], ARRIVE, {"shown": ANOTHER}),
    "complete, moved on": (WORK, AT[Stage.ASSIGNED], COMPLETE, {"shown": ANOTHER}),
    "abandon, moved on": (WORK, AT[Stage.ASSIGNED], ABANDON, {"shown": ANOTHER}),
    "undo, later": (WORK, AT[Stage.ASSIGNED], UNDO, {"now": UNDO.change.made_at + 2 * UNDOABLE}),
    "undo, by another": (WORK, AT[Stage.ASSIGNED], UNDO, {"asked_by": "user-2"}),
    "undo, with orders": (WORK, AT[Stage.RAISED], UNDO, {"has_orders": True}),
    "undo, somebody gone": (WORK, AT[Stage.COMPLETED], UNDO, {"operative": LEFT}),
    "undo, a site gone": (WORK, AT[Stage.COMPLETED], UNDO, {"sites": (GONE,)}),
    "release": (OPERATIVE, [HIRED], RELEASE, {"open_jobs": 1}),
    "relinquish": (SITE, [ACQUIRED], RELINQUISH, {"open_jobs": 1}),
    "order, withdrawn": (ORDER, [], ORDERED, {"items": WITHDRAWN}),
    "order, site gone": (ORDER, [], ORDERED, {"site": GONE}),
    "order, job gone": (ORDER, [], ORDERED, {"work": replace(KNOWN, is_withdrawn=True)}),
    "order, job unknown": (ORDER, [], ORDERED, {"work": replace(KNOWN, is_known=False)}),
}


@pytest.mark.parametrize("which", TURNED)
def test_a_command_says_the_same_once_its_facts_are_granted(which: str) -> None:
    decider, history, command, facts = TURNED[which]
    turned, state = replace(command, **facts), decider.fold(history)
    with pytest.raises(Refused):
        decider.decide(turned, state)
    assert decider.decide(decider.granted(turned), state) == decider.decide(command, state)
