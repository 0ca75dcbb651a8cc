"""The figures: which steps run on which databases, in turns, and the targets for the results."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import product
from statistics import median, quantiles
from typing import Any

from bench.databases import Database, protocol_server
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
    live_events: int
    streams: tuple[int, ...]
    stream_events: int
    searched: int  # jobs
    searches: int
    waited: int  # jobs, of five events, behind a rebuild and verify
    held: float  # seconds for which a reader holds up a rebuild
    contested: int  # commands, each round
    contested_rounds: int
    held_seconds: float  # for which an append stays open
    long_stream: int  # events
    short_rounds: int
    short_commands: int  # each round


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
    live_events=4_000,
    streams=(10, 200, 1_000),
    stream_events=100,
    searched=1_000_000,
    searches=5,
    waited=200_000,
    held=5.0,
    contested=320,
    contested_rounds=5,
    held_seconds=5.0,
    long_stream=50_000,
    short_rounds=15,
    short_commands=100,
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
    live_events=1_000,
    streams=(10, 200),
    stream_events=100,
    searched=50_000,
    searches=5,
    waited=10_000,
    held=5.0,
    contested=160,
    contested_rounds=2,
    held_seconds=2.0,
    long_stream=5_000,
    short_rounds=5,
    short_commands=50,
)
TINY = Sizes(
    rounds=2,
    appends=3,
    clients_seconds=0.1,
    clients_rounds=1,
    command_rounds=1,
    turns=1,
    events=2_000,
    events_by_row=200,
    rebuilds=1,
    history=1_500,
    pages=1,
    page_rounds=2,
    live_events=100,
    streams=(3,),
    stream_events=10,
    searched=2_000,
    searches=2,
    waited=400,
    held=0.5,
    contested=32,
    contested_rounds=1,
    held_seconds=0.5,
    long_stream=300,
    short_rounds=1,
    short_commands=3,
)
SIZES = {"usual": USUAL, "quick": QUICK, "tiny": TINY}

REBUILD_TARGETS = {"PostgreSQL": 20_000, "SQLite": 30_000}
SHORT_HISTORY = 1_000
CATCH_UP_TARGET = 15_000
REACTIONS_TARGET = 5_000
LIVE_RATE = 200
LAG_TARGET = 100  # milliseconds
STREAM_TARGET = 1000.0
"""Milliseconds until the last reader has an event."""
SEARCH_TARGETS = {"PostgreSQL": 100}
"""Milliseconds for a page of work, found by text."""
WAIT_TARGET = 1000.0
"""Milliseconds for which a command or a page waits beside a rebuild or verify."""
CLIENTS = 8
WRITER_TARGET = 5000.0
"""Milliseconds until a writer is told that it cannot be written now."""
WRITERS = 32
"""The number of writers beside a process that hangs in the middle of an append."""
BESIDE_A_HOLE = 4
"""The number of writers beside readers that meet an append which stays open."""
CONTESTED = (8, 32)
"""Numbers of clients of one stream."""

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


def short(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """A command to a long stream, against one to a short one."""
    with scratch() as database:
        taken = database.run(
            "bench.short:measure",
            events=sizes.long_stream,
            rounds=sizes.short_rounds,
            times=sizes.short_commands,
        )
    name = f"command at {sizes.long_stream:,} events against 10"
    ours, rival = taken["ours"], taken["rival"]
    cells = milliseconds(ours), milliseconds(rival)
    spread = {"low": 1 / taken["high"], "high": 1 / taken["low"]}
    yield Line(name, database.vendor, *cells, ours / rival, 2, False, **spread)


def rebuild(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """All read models from the whole history, against the ORM row by row."""
    wholes: list[Answers] = []
    by_row: list[Answers] = []
    with scratch() as database:
        database.run("bench.rebuild:same_rows", events=1000)
    with scratch() as database:
        database.run("bench.history:of_events", events=sizes.events)
        for _ in range(sizes.rebuilds):
            wholes.append(database.run("bench.rebuild:whole", events=sizes.events))
            by_row.append(database.run("bench.rebuild:row_by_row", events=sizes.events_by_row))
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
        long.collect_static()
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


def worker(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """A worker that catches up, and one that follows live, from the embedded store and from the server."""
    with scratch() as database:
        database.run("bench.history:of_events", events=sizes.events)
        caught = database.run("bench.lag:catch_up", projection="worker", events=sizes.events)
        yield from _catch_up(database, "embedded", sizes, caught, CATCH_UP_TARGET)
        yield _lag(database, "embedded", sizes, event_store="")
    with scratch() as database, protocol_server() as server:
        database.run("bench.history:of_events", events=sizes.events)
        database.run("bench.lag:move_to_kurrent", projection="worker", event_store=server)
        kurrent = {"projection": "worker", "event_store": server}
        caught = database.run("bench.lag:catch_up", **kurrent, events=sizes.events)
        yield from _catch_up(database, "KurrentDB protocol", sizes, caught, None)
        yield _lag(database, "KurrentDB protocol", sizes, event_store=server)


def reactions(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """All reactions over work's events, each in a thread of its own; nobody is told of anything."""
    with scratch() as database:
        database.run("bench.history:of_events", events=sizes.events)
        passed = database.run("bench.reactions:catch_up", projection="worker", events=sizes.events)
    name = f"all reactions over {sizes.events:,} events"
    rate, cpu = passed["rate"], passed["cpu_rate"]
    yield Line(name, database.vendor, a_second(rate), "", rate, REACTIONS_TARGET, unit="/s")
    yield Line(f"{name}, per second of own CPU", database.vendor, a_second(cpu), "", cpu, None, unit="/s")


def _catch_up(
    database: Database, store: str, sizes: Sizes, caught: Answers, target: float | None
) -> Iterator[Line]:
    rate, cpu = caught["rate"], caught["cpu_rate"]
    name = f"worker, {store}, {sizes.events:,} events"
    yield Line(name, database.vendor, a_second(rate), "", rate, target, unit="/s")
    yield Line(f"{name}, per second of its own CPU", database.vendor, a_second(cpu), "", cpu, None, unit="/s")


def _lag(database: Database, store: str, sizes: Sizes, *, event_store: str) -> Line:
    """How much later read models have an event than a bare subscriber, at the 99th percentile."""

    where = {"projection": "worker", "event_store": event_store}
    lags: dict[str, list[float]] = {}
    for follower in ("receive", "project"):
        with ThreadPoolExecutor(2) as both:
            seen = both.submit(database.run, f"bench.lag:{follower}", **where)
            written = both.submit(
                database.run, "bench.lag:write", **where, events=sizes.live_events, rate=LIVE_RATE
            )
        moments = seen.result()
        lags[follower] = sorted(moments[each] - at for each, at in written.result().items())
    ours, bare = (quantiles(lags[each], n=100) for each in ("project", "receive"))
    more = (ours[98] - bare[98]) * 1000
    return Line(
        f"live lag, {store}, {LIVE_RATE}/s, p50 and p99",
        database.vendor,
        f"{milliseconds(ours[49])} {milliseconds(ours[98])}",
        f"{milliseconds(bare[49])} {milliseconds(bare[98])}",
        more,
        LAG_TARGET,
        at_least=False,
        unit=" ms more",
    )


def streams(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """Everybody who reads the feed, from one process that serves it."""
    for count in sizes.streams:
        with scratch() as database:
            found = database.run(
                "bench.streams:read_together", streams=count, events=sizes.stream_events, rate=10
            )
        yield Line(
            f"{count:,} streams, 10 events/s: p50, p99",
            database.vendor,
            f"{milliseconds(found['p50'])} {milliseconds(found['p99'])}",
            f"{found['kilobytes']:.0f} kB, {found['threads'] / count:.2f} threads each",
            found["most"] * 1000,
            STREAM_TARGET,
            at_least=False,
            unit=" ms at most",
        )


def search(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """Pages of work that are found by text, among generated jobs."""
    with scratch("_search") as database:
        database.run("bench.search:furnish", jobs=sizes.searched)
        taken = database.run("bench.search:measure", rounds=sizes.searches)
    for asked, (low, middle, high) in taken.items():
        name, target = f"search {sizes.searched:,} jobs, {asked}", SEARCH_TARGETS.get(database.vendor)
        times = milliseconds(middle / 1000)
        yield Line(name, database.vendor, times, "", middle, target, False, " ms", low, high)


def waits(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """The longest wait of a command and of the board beside what reads all of history."""
    with scratch("_waits") as database:
        database.collect_static()
        database.run("bench.board:furnish", jobs=sizes.waited)
        alone = database.run("bench.waits:beside", task="nothing", seconds=sizes.held)
        tasks: dict[str, dict[str, Any]] = {"a rebuild": {"task": "rebuilt"}, "verify": {"task": "verified"}}
        if database.vendor == "PostgreSQL":
            reader = {"task": "rebuilt_beside_a_reader", "seconds": sizes.held}
            tasks["a rebuild that a reader holds up"] = reader
        for name, task in tasks.items():
            yield from _waits(database, name, database.run("bench.waits:beside", **task), alone)
        database.run("bench.waits:tamper")
        found = database.run("bench.waits:beside", task="verified")
        name = f"verify with {found['differences']:,.0f} differences"
        yield from _waits(database, name, found, alone)
        yield Line(f"{name}, peak memory", database.vendor, "", "", found["memory"], 300, False, " MB")


def _waits(database: Database, name: str, found: Answers, alone: Answers) -> Iterator[Line]:
    for who in ("command", "board"):
        times = milliseconds(found[who]), milliseconds(alone[who])
        figure = f"longest {who} beside {name} of {found['seconds']:.0f} s"
        yield Line(figure, database.vendor, *times, found[who] * 1000, WAIT_TARGET, False, " ms")


def stopped(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """What others wait for beside an append that does not end."""
    with scratch() as database:
        database.collect_static()
        found = database.run("bench.stopped:beside_a_stopped_process", writers=WRITERS)
        name, told = "beside a stopped appender, inline", milliseconds(found["writer"])
        writer, board = found["writer"] * 1000, found["board"] * 1000
        yield Line(
            f"{WRITERS} writers {name}", database.vendor, told, "", writer, WRITER_TARGET, False, " ms"
        )
        times = milliseconds(found["board"]), milliseconds(found["before"])
        yield Line(f"longest board {name}", database.vendor, *times, board, WAIT_TARGET, False, " ms")
        if database.vendor != "PostgreSQL":
            return  # it has one writer at a time, so nobody writes beside an append that stays open
        held, free = (
            database.run(
                "bench.stopped:beside_a_hole",
                projection="worker",
                writers=BESIDE_A_HOLE,
                seconds=sizes.held_seconds,
                is_open=is_open,
            )
            for is_open in (True, False)
        )
    rates, worst = (a_second(held["rate"]), a_second(free["rate"])), held["worst"] * 1000
    yield Line(
        "commands beside readers at a hole", database.vendor, *rates, held["rate"] / free["rate"], None
    )
    times = milliseconds(held["worst"]), milliseconds(free["worst"])
    yield Line(
        "longest command beside readers at a hole", database.vendor, *times, worst, WAIT_TARGET, False, " ms"
    )


def contested(scratch: Scratch, sizes: Sizes) -> Iterator[Line]:
    """Many clients of one stream, against one alone."""
    for projection in ("inline", "worker"):
        found: dict[int, list[float]] = {clients: [] for clients in (1, *CONTESTED)}
        with scratch() as database:
            for _, clients in product(range(sizes.contested_rounds), found):
                step, commands = "bench.contested:together", sizes.contested
                taken = database.run(step, projection=projection, clients=clients, commands=commands)
                found[clients].append(taken["rate"])
        for clients in CONTESTED:
            ratios = [many / one for many, one in zip(found[clients], found[1], strict=True)]
            rates = a_second(median(found[clients])), a_second(median(found[1]))
            name = f"{clients} clients of one stream, against one, {projection}"
            target = 0.5 if database.vendor == "PostgreSQL" else None
            yield Line(
                name, database.vendor, *rates, median(ratios), target, low=min(ratios), high=max(ratios)
            )


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


FIGURES: dict[str, Figure] = {
    "append": append,
    "command": command,
    "short": short,
    "rebuild": rebuild,
    "board": board,
    "worker": worker,
    "reactions": reactions,
    "streams": streams,
    "search": search,
    "contested": contested,
    "stopped": stopped,
    "waits": waits,
}
