"""What a command says, and that it says the same when its facts from elsewhere have turned against it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest

from eventstore.command_digest import digest_of, said_by
from eventstore.decider import Decider, Refused
from operatives.commands import OperativeCommand, OperativeFact, ReleaseOperative
from operatives.events import OperativeHired
from operatives.operative import OPERATIVE
from orders.commands import BuyerCommand, OrderCommand, WorkFact
from orders.order import ORDER
from products.commands import ProductCommand, ProductFact, ProductStatus
from sites.commands import RelinquishSite, SiteCommand, SiteFact, SiteStatus
from sites.events import SiteAcquired
from sites.site import SITE
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    ChangeFact,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    Shown,
    WorkCommand,
)
from support.events import AbandonReason
from support.work import UNDOABLE, WORK, Stage
from tests.domain.cast import HARBOUR, JOB, NOW, OLIVE, PETER, RELEASED_LEN, SOON
from tests.domain.histories import AT, RAISED
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
    "assign": (WORK, [RAISED], ASSIGN, {"operative": replace(OLIVE, status=RELEASED_LEN.status)}),
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
    "undo, somebody gone": (WORK, AT[Stage.COMPLETED], UNDO, {"operative": RELEASED_LEN}),
    "undo, a site gone": (WORK, AT[Stage.COMPLETED], UNDO, {"sites": (GONE,)}),
    "release": (OPERATIVE, [HIRED], RELEASE, {"open_jobs": 1}),
    "relinquish": (SITE, [ACQUIRED], RELINQUISH, {"open_jobs": 1}),
    "order, withdrawn": (ORDER, [], ORDERED, {"items": WITHDRAWN}),
    "order, site gone": (ORDER, [], ORDERED, {"site": GONE}),
    "order, job gone": (ORDER, [], ORDERED, {"work": replace(KNOWN, is_withdrawn=True)}),
    "order, job unknown": (ORDER, [], ORDERED, {"work": replace(KNOWN, is_known=False)}),
}


@pytest.mark.parametrize("which", TURNED)
def test_a_command_says_the_same_when_its_facts_have_turned_against_it(which: str) -> None:
    decider, history, command, facts = TURNED[which]
    turned, state = replace(command, **facts), decider.fold(history)
    with pytest.raises(Refused):
        decider.decide(turned, state)
    decider.decide(command, state)
    assert digest_of(turned) == digest_of(command)


# A new field is decided on here: what its sender says, or a Fact.
SAID = {
    "AbandonWork": "work_id reason note",
    "AcquireSite": "site_id address_line_1 town post_code telephone_number",
    "ArriveOnSite": "work_id",
    "AssignWork": "work_id operative",
    "AwaitValidation": "order_id",
    "CancelOrder": "order_id reason",
    "CompleteWork": "work_id outcome",
    "ConfirmLine": "order_id product_id",
    "CorrectSite": "site_id address_line_1 town post_code telephone_number",
    "CorrectStock": "product_id difference reason",
    "CreateProduct": "product_id name price stock",
    "DispatchOperative": "work_id estimated_arrival",
    "HireOperative": "operative_id forename surname",
    "PayOrder": "order_id reference",
    "PlaceOrder": "order_id buyer_name buyer_email items ship_to card site work",
    "RaiseWork": "work_id title description sites",
    "RecordPayment": "buyer_id order_id amount",
    "RejectLine": "order_id product_id",
    "ReleaseOperative": "operative_id",
    "ReleaseStock": "product_id order_id",
    "RelinquishSite": "site_id",
    "RenameOperative": "operative_id forename surname",
    "RenameProduct": "product_id name",
    "RepriceProduct": "product_id price",
    "ReserveStock": "product_id order_id quantity",
    "ReserveStockAgain": "product_id order_id quantity",
    "RestockProduct": "product_id quantity",
    "ShipOrder": "order_id",
    "UndoWorkChange": "work_id change",
    "VerifyBuyer": "order_id buyer_id payment_method_id discount_percent",
    "VerifyPaymentMethod": "buyer_id order_id name email card",
    "WithdrawProduct": "product_id",
}
UNIONS = (BuyerCommand, OperativeCommand, OrderCommand, ProductCommand, SiteCommand, WorkCommand)


def names_said(cls: type) -> str:
    return " ".join(name for name, _ in said_by(cls))


def test_of_each_command_it_is_known_what_its_sender_says() -> None:
    commands = {each.__name__: names_said(each) for union in UNIONS for each in get_args(union)}
    assert commands == SAID


@pytest.mark.parametrize(
    ("fact", "its_id"),
    [
        (SiteFact, "site_id"),
        (OperativeFact, "operative_id"),
        (ProductFact, "product_id"),
        (WorkFact, "work_id"),
        (ChangeFact, "event_id"),
    ],
)
def test_what_travels_in_a_command_counts_by_its_id(fact: type, its_id: str) -> None:
    assert names_said(fact) == its_id
