"""The figures: which steps run on which databases, in turns, and what the results are held against.

Nothing here imports Django: the parent of the steps stays small, and none of its memory is counted as theirs.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median

from bench.databases import Database
from bench.table import Line, a_second, milliseconds

Answers = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured."""

    rounds: int
    appends: int  # streams of five, each round
    clients_seconds: float
    clients_rounds: int
    command_rounds: int
    turns: int  # of five jobs each, each round
    events: int
    events_by_row: int
    rebuilds: int
    history: int  # jobs behind the longer board
    pages: int  # each round
    page_rounds: int


USUAL = Sizes(
    rounds=25,
    appends=25,
    clients_seconds=1.0,
    clients_rounds=7,
    command_rounds=7,
    turns=20,
    events=100_000,
    events_by_row=5_000,
    rebuilds=3,
    history=100_000,
    pages=3,
    page_rounds=15,
)
QUICK = Sizes(
    rounds=9,
    appends=15,
    clients_seconds=0.5,
    clients_rounds=3,
    command_rounds=3,
    turns=10,
    events=20_000,
    events_by_row=1_000,
    rebuilds=1,
    history=5_000,
    pages=2,
    page_rounds=9,
)

REBUILD_TARGETS = {"PostgreSQL": 20_000, "SQLite": 30_000}
SHORT_HISTORY = 1_000
CLIENTS = 8

Scratch = Callable[..., AbstractContextManager[Database]]
Figure = Callable[[Scratch, Sizes], Iterator[Line]]


def append(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """Appends alone, against the package's recorder."""
    with scratch() as database:
        one = database.run(
            "bench.append:one_client", projection="worker", rounds=sizes.rounds, times=sizes.appends
        )
        yield _times_as_fast("append, 1 client", database, one, target=2)
        many = database.run(
            "bench.append:many_clients",
            projection="worker",
            rounds=sizes.clients_rounds,
            clients=CLIENTS,
            period=sizes.clients_seconds,
        )
        yield _times_as_fast(f"append, {CLIENTS} processes together", database, many, target=3)


def command(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """A whole command, against the package's load, change, save."""
    with scratch() as database:
        taken = database.run("bench.command:measure", rounds=sizes.command_rounds, turns=sizes.turns)
        yield _times_as_fast("command, over whole jobs", database, taken["job"], target=1)
        yield _times_as_fast("command, assign alone", database, taken["assign"], target=1)


def rebuild(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """All read models from the whole history, against the ORM row by row."""
    wholes: list[Answers] = []
    by_row: list[Answers] = []
    with scratch() as database:
        database.run("bench.rebuilding:same_rows", events=1000)
    with scratch() as database:
        database.run("bench.history:of_events", events=sizes.events)
        for _ in range(sizes.rebuilds):
            wholes.append(database.run("bench.rebuilding:whole", events=sizes.events))
            by_row.append(database.run("bench.rebuilding:row_by_row", events=sizes.events_by_row))
    rate, slow = _median(wholes, "rate"), _median(by_row, "rate")
    memory = max(each["memory"] for each in wholes)
    vendor, name = database.vendor, f"rebuild of {sizes.events:,} events"
    yield Line(name, vendor, a_second(rate), "", rate, REBUILD_TARGETS[vendor], unit="/s")
    cpu = _median(wholes, "cpu_rate")
    yield Line("rebuild, per second of its own CPU", vendor, a_second(cpu), "", cpu, None, unit="/s")
    yield Line("rebuild, against row by row", vendor, a_second(rate), a_second(slow), rate / slow, 10)
    yield Line("rebuild, peak memory", vendor, f"{memory:.0f} MB", "", memory, 300, False, " MB")


def board(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """Control's board with a long history, against the same board with a short one."""
    with scratch("_short") as short, scratch("_long") as long:
        short.run("bench.board:furnish", jobs=SHORT_HISTORY)
        long.run("bench.board:furnish", jobs=sizes.history)
        taken = long.run(
            "bench.board:measure", short_url=short.url, rounds=sizes.page_rounds, times=sizes.pages
        )
    ours, rival = taken["seconds"]["ours"], taken["seconds"]["rival"]
    name = f"board, {sizes.history:,} jobs against {SHORT_HISTORY:,}"
    spread = {"low": 1 / taken["seconds"]["high"], "high": 1 / taken["seconds"]["low"]}
    times = milliseconds(ours), milliseconds(rival)
    yield Line(name, long.vendor, *times, ours / rival, 1.3, at_least=False, **spread)
    many, few = taken["queries"]["ours"], taken["queries"]["rival"]
    name = "board, queries" if few == many else "board, queries (NOT EQUAL)"
    yield Line(name, long.vendor, str(many), str(few), max(few, many), 10, False, "")


def _times_as_fast(figure: str, database: Database, taken: Answers, *, target: float) -> Line:
    ours, rival = taken["ours"], taken["rival"]
    return Line(
        figure,
        database.vendor,
        milliseconds(ours),
        milliseconds(rival),
        rival / ours,
        target,
        low=taken["low"],
        high=taken["high"],
    )


def _median(answers: list[Answers], name: str) -> float:
    return median(each[name] for each in answers)


FIGURES: dict[str, Figure] = {"append": append, "command": command, "rebuild": rebuild, "board": board}
