"""Figure 4, Control's board with a long history against the same board with a short one."""

from itertools import chain

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.features import READY_MADE
from accounts.models import Role, User
from bench.history import OPEN_AT_ONCE, Story, analyze, replay, store
from bench.rounds import in_turns
from config import environment

EVENTS_PER_JOB = 5
USERNAME = "control"


def furnish(jobs: int) -> int:
    """A step: so many jobs, of which the last `OPEN_AT_ONCE` are open, and somebody to look at them.

    Both boards show the same open jobs at the end of equally busy days; only what lies behind differs.
    """
    story = Story(seed=1, events=jobs * EVENTS_PER_JOB)
    told = story.beginning(), story.settled(jobs - OPEN_AT_ONCE), story.unsettled(OPEN_AT_ONCE)
    count = store(chain(*told))
    replay()
    role, _ = Role.objects.get_or_create(
        name="Control", defaults={"features": [feature.value for feature in READY_MADE["Control"]]}
    )
    User.objects.create_user(USERNAME).roles.add(role)
    analyze()
    return count


def measure(short_url: str, rounds: int, times: int) -> dict[str, dict[str, float]]:
    """A step, on the database with the long history: seconds for a page, its queries, its size in bytes."""
    long, short = Board(connections["default"]), Board(connected_to(short_url))
    for board in (long, short):
        for _ in range(5):
            board.page()
    taken = in_turns(long.page, short.page, rounds=rounds, times=times)
    return {
        "seconds": taken,
        "queries": {"ours": long.queries(), "rival": short.queries()},
        "bytes": {"ours": len(long.page()), "rival": len(short.page())},
    }


class Board:
    """The page as Control sees it, on one database."""

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self._database = database
        self._browser = Client()
        connections["default"] = database
        self._browser.force_login(User.objects.get(username=USERNAME))

    def page(self) -> bytes:
        connections["default"] = self._database
        answer = self._browser.get(reverse("control"), secure=True)
        if answer.status_code != 200:
            raise RuntimeError(f"The board answered {answer.status_code}")
        return answer.content

    def queries(self) -> int:
        """Counted before the next request, which would empty the log."""
        connections["default"] = self._database
        with CaptureQueriesContext(connection) as queries:
            self.page()
        count = len(queries)
        if not count:
            raise RuntimeError("Nobody can see the board without a query: they were not counted")
        return count


def connected_to(url: str) -> BaseDatabaseWrapper:
    """A connection to another database, to stand in for the default."""
    configured = connections.configure_settings({"default": environment.database("-", default=url)})
    wrapper: BaseDatabaseWrapper = load_backend(configured["default"]["ENGINE"]).DatabaseWrapper(
        configured["default"], "default"
    )
    return wrapper
