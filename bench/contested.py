"""Figure 8, a contested stream: many clients send commands to one aggregate, against one client alone.

All begin with a stream of the same length and send as many commands between them, so that both read the same
histories. A command that ends in a conflict is sent again, as by somebody who presses the button again.
"""

from multiprocessing import get_context
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from eventstore.dispatch import dispatch
from eventstore.store import WrongVersion
from operatives.commands import HireOperative, RenameOperative
from operatives.operative import OPERATIVE

LENGTH = 20
"""Events in the stream before anybody is timed."""


def together(clients: int, commands: int) -> dict[str, float]:
    """A step: commands a second of all clients together, who send so many; and how often they were told of
    a conflict."""
    operative_id = hired()
    rename(operative_id, "before", LENGTH)
    connections.close_all()  # a forked process must not share its parent's
    context, share = get_context("fork"), commands // clients
    start, told = context.Barrier(clients + 1), context.Queue()
    crew = [
        context.Process(target=client, args=(operative_id, number, share, start, told), daemon=True)
        for number in range(clients)
    ]
    for each in crew:
        each.start()
    start.wait(60)
    began = perf_counter()
    conflicts = sum(told.get(timeout=300) for _ in crew)
    rate = share * clients / (perf_counter() - began)
    for each in crew:
        each.join()
    return {"rate": rate, "conflicts": conflicts}


def client(operative_id: UUID, number: int, commands: int, start: Any, told: Any) -> None:
    """One of them, in a process of its own."""
    rename(hired(), "warm", 3)
    start.wait(60)
    told.put(rename(operative_id, f"client {number}", commands))


def hired() -> UUID:
    """A new operative."""
    command = HireOperative(operative_id=uuid4(), forename="Ada", surname="King")
    dispatch(command, to=OPERATIVE, by="bench")
    return command.operative_id


def rename(operative_id: UUID, by: str, times: int) -> int:
    """So many changes that each were taken; how often a conflict was told of."""
    conflicts = 0
    for number in range(times):
        command = RenameOperative(operative_id=operative_id, forename=f"{by} {number}", surname="King")
        while True:
            try:
                dispatch(command, to=OPERATIVE, by="bench")
                break
            except WrongVersion:
                conflicts += 1
    return conflicts
