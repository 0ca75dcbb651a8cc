"""The other end of tests/crashes/fork_server.py: a process that does an operation, is killed, and starts
again."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict
from uuid import uuid4

KILLED = -9
MAIL = "CRASH_TESTS_MAIL"
"""The variable that names the file which stands for sent mail."""


class Standing(TypedDict):
    """`events`: "<id> <type> <stream>@<version>", in the order of the store. `state`: a digest of all that
    `verify` goes by, and `differences` what it found, a read model's replay to its own checkpoint against
    its tables. `behind`: read models that have not taken in everything. `mail`: what was sent, in order."""

    events: list[str]
    state: str
    differences: list[str]
    behind: list[str]
    parked: int
    mail: list[str]


@dataclass(frozen=True)
class Ended:
    """How a child ended, and what it had said until then."""

    status: int
    acknowledged: list[str]
    said: dict[str, Any]


class Children:
    """Children of one forking process, one after the other, on one database and one store."""

    def __init__(self, environment: dict[str, str], root: Path) -> None:
        self._prefix = new_prefix()
        self._known: dict[str, list[str]] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.fork_server"],
            cwd=root,
            env=os.environ | {"DEBUG": "1", "PYTHONPATH": "."} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def prepare(self, deed: str) -> None:
        """Set up the state before the operation."""
        self._finished("prepare", deed)

    def run(self, deed: str, *, kill_at: int) -> Ended:
        """Do the operation, and kill it at this boundary if there are so many."""
        return self._order("deed", deed, kill_at=kill_at)

    def restart(self, deed: str) -> tuple[Standing, Standing]:
        """Do the operation again, to its end: returns the state before it and after it. Then set up the
        state before the operation again."""
        next_prefix = new_prefix()
        said = self._finished("restart", deed, known=self._known, next_prefix=next_prefix).said
        self._prefix = next_prefix
        before: Standing = said["before"]
        after: Standing = said["after"]
        for standing in (before, after):
            self._known[standing["state"]] = standing["differences"]
        return before, after

    def watch(self, deed: str) -> dict[str, Any]:
        """Do the operation, and return what the database's own library saw of it."""
        return self._finished("watch", deed).said

    def _finished(self, do: str, deed: str, **options: object) -> Ended:
        ended = self._order(do, deed, **options)
        assert ended.status == 0, ended.said.get("failed", ended)
        return ended

    def _order(self, do: str, deed: str, **options: object) -> Ended:
        order = {"do": do, "deed": deed, "prefix": self._prefix, **options}
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(order), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "the forking process has ended; its standard error says why"
        answer = json.loads(line)
        said = dict(answer["said"])
        acknowledged = [what for kind, what in answer["said"] if kind == "acknowledged"]
        return Ended(answer["ended"], acknowledged, said)


def new_prefix() -> str:
    """A prefix under which KurrentDB holds nothing yet."""
    return f"crash{uuid4().hex}"
