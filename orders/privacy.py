"""What may be shown of an order's buyer, and to whom: by the rule that closes the buyers' own pages."""

from collections.abc import Sequence

from accounts import rules
from accounts.rules import Principal
from eventstore.store import RecordedEvent


def may_see_buyer(who: Principal, history: Sequence[RecordedEvent] = ()) -> bool:
    """Whether they may read the address to which the buyer of this order gets mail, and where it goes:
    those who may see buyers, and the person who placed it, who has typed it. Others read the buyer's name
    only."""
    return rules.SEE_BUYERS.allows(who, {}) or (bool(history) and history[0].actor == who.actor)
