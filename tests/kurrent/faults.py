"""The faults that tests can cause."""

import threading
import time
from collections import Counter
from enum import Enum, auto


class Cut(Enum):
    """When a call is broken off: before anything is written, or after it is, but before any answer; or that a
    server answers that it cannot say."""

    BEFORE_APPEND = auto()
    AFTER_APPEND = auto()
    NOT_LEADER = auto()
    NOT_READY = auto()
    TIMED_OUT = auto()


class Faults:
    """Set from the test's thread, met by the threads that answer calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: Counter[Cut] = Counter()
        self.leader = ("127.0.0.1", 2113)
        self.stopping = False
        self.dropped = 0
        self.calls_held = 0
        self.scanning = 0.0
        self._hang = {False: 0.0, True: 0.0}

    def set(self, cut: Cut, times: int) -> None:
        """Let the next `times` appends meet it."""
        with self._lock:
            self._due[cut] = times

    def meets(self, cut: Cut) -> bool:
        """Whether this call meets it; once for each time that was set."""
        with self._lock:
            due = self._due[cut] > 0
            self._due[cut] -= due
            return due

    def hang(self, seconds: float, *, written: bool) -> None:
        """Answer nothing for so long. `written`: appends are written first."""
        self._hang[written] = time.monotonic() + seconds

    def held(self, *, written: bool) -> float:
        """Seconds for which an answer is still to be held back."""
        return max(0.0, self._hang[written] - time.monotonic())
