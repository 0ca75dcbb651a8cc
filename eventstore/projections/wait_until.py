"""Waiting until read models have taken in a person's own change."""

import time
from collections.abc import Collection

from eventstore.models import Checkpoint
from eventstore.projections.advance import is_able
from eventstore.projections.read_model import ReadModel

PATIENCE = 2.0
"""Seconds that a page waits for the read models that it shows."""
FIRST_LOOK, LONGEST = 0.005, 0.1
"""Seconds between the first two looks; doubled from look to look, up to the longest."""


def caught_up(position: int, read_models: Collection[ReadModel], *, within: float = PATIENCE) -> bool:
    """Whether these read models have taken in the event at `position`, or do so within some seconds.

    Does not wait for one that has stopped: the page says that it stands still.
    """
    until, pause = time.monotonic() + within, FIRST_LOOK
    names = [each.name for each in read_models]
    while True:
        found = list(Checkpoint.objects.filter(name__in=names))
        behind = [each for each in found if is_able(each) and each.position < position]
        if not behind and len(found) == len(names):
            return True
        if time.monotonic() + pause > until:
            return False
        time.sleep(pause)
        pause = min(pause * 2, LONGEST)
