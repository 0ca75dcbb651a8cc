"""Which buyer an e-mail address belongs to."""

from uuid import UUID

from eventstore.current import current_store
from orders.buyer import BUYER, buyer_id_of, former_id_of
from orders.email_address import spellings


def known_buyer_id(email: str) -> UUID:
    """The buyer who has this address. A buyer who was registered when each spelling was a buyer of its own
    keeps that id, so that what they have paid goes on counting."""
    written = spellings(email)
    if len(written) > 1:
        for each in map(former_id_of, written):
            if current_store().read_stream(BUYER.stream(each), limit=1):
                return each
    return buyer_id_of(email)
