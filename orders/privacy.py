"""What is told of an order's buyer, and to whom: by the rule that closes the buyers' own pages."""

from collections.abc import Sequence

from accounts import rules
from accounts.rules import Principal
from eventstore.store import RecordedEvent


def may_see_buyer(who: Principal, history: Sequence[RecordedEvent] = ()) -> bool:
    """Whether they may read where the buyer of this order is written to, and where it goes: who sees buyers,
    and who placed it, for they have typed it. Others read the buyer's name alone."""
    return rules.SEE_BUYERS.allows(who, {}) or (bool(history) and history[0].actor == who.actor)
