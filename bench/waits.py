"""Figure 8, waits: how long a command and the board wait at most beside a rebuild and beside verify."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from resource import RUSAGE_SELF, getrusage
from threading import Timer
from time import perf_counter, sleep
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.board import USERNAME
from bench.history import DETAILS, TITLES, replay
from eventstore.database import sql
from eventstore.dispatch import dispatch
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import verify
from readmodels.models import SiteRow, WorkRow, WorkSiteRow, WorkText
from sites.commands import SiteFact, SiteStatus
from support.commands import RaiseWork
from support.work import WORK

PAUSE = 0.05
"""Seconds between two commands, and between two boards."""


def raise_work() -> None:
    """The command that waits."""
    place = SiteFact(site_id=uuid4(), name="1 Quay Street", status=SiteStatus.ACTIVE)
    command = RaiseWork(work_id=uuid4(), title=TITLES[0], description=DETAILS[0], sites=(place,))
    dispatch(command, to=WORK, by="control")


def beside(task: str, **arguments: float) -> dict[str, float]:
    """A step: the longest that a command and the board took, while another process does the task."""
    raise_work()
    board()()
    command = [sys.executable, "-m", "bench.step", f"bench.waits:{task}", json.dumps(arguments)]
    with (
        ThreadPoolExecutor(2) as waiting,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other,
    ):
        waits = [waiting.submit(longest, deed, other) for deed in (raise_work, board())]
        assert other.stdout is not None
        answer = json.loads(other.stdout.read().splitlines()[-1])
    return {**answer, "command": waits[0].result(), "board": waits[1].result()}


def longest(deed: Callable[[], object], other: "subprocess.Popen[str]") -> float:
    """Seconds of the slowest of the deeds that are done until the other process ends."""
    slowest = 0.0
    while other.poll() is None:
        began = perf_counter()
        deed()
        slowest = max(slowest, perf_counter() - began)
        sleep(PAUSE)
    connection.close()
    return slowest


def board() -> Callable[[], None]:
    """What looks at the board, as Control."""
    browser = Client()
    browser.force_login(get_user_model().objects.get(username=USERNAME))

    def look() -> None:
        answer = browser.get(reverse("control"), secure=True)
        if answer.status_code != 200:
            raise RuntimeError(f"The board answered {answer.status_code}")

    return look


def nothing(seconds: float) -> dict[str, float]:
    """A task: a process beside which nobody waits."""
    return timed(lambda: sleep(seconds))


def rebuilt() -> dict[str, float]:
    """A task: a rebuild of every read model."""
    return timed(replay)


def rebuilt_beside_a_reader(seconds: float) -> dict[str, float]:
    """A task: the same, while somebody holds what pg_dump holds until so long after the first refusal."""
    reader = sql.connect()
    reader.execute("BEGIN")
    reader.execute(f"LOCK TABLE {WorkRow._meta.db_table} IN ACCESS SHARE MODE")

    class Refused(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            Timer(seconds, reader.close).start()

    logging.getLogger("eventstore.projections.rebuild").addHandler(Refused())
    return timed(replay)


def verified() -> dict[str, float]:
    """A task: verify every read model."""
    count = 0

    def verify_all() -> None:
        nonlocal count
        for read_model in registry.values():
            count += verify(read_model, progress=lambda *_: None).count

    return timed(verify_all) | {"differences": count}


def tamper() -> int:
    """A step: no row of work is as it was."""
    WorkText.objects.update(text="tampered")
    WorkSiteRow.objects.update(place=99)
    SiteRow.objects.update(town="Tampered")
    return WorkRow.objects.update(title="Tampered")


def timed(task: Callable[[], object]) -> dict[str, float]:
    """Seconds that it took, and the most memory that this process had by then, in MB."""
    began = perf_counter()
    task()
    seconds = perf_counter() - began
    return {"seconds": seconds, "memory": getrusage(RUSAGE_SELF).ru_maxrss * 1024 / 1e6}
