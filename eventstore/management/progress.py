"""The progress bar of commands that read all events of a store or a file."""

import time
from typing import NoReturn

from tqdm import tqdm

from eventstore.current import current_store


class Bar:
    """How far a reader has come, with events per second and the time left.

    Its length is counted in positions, because no store counts its events quickly: the positions of the
    current store, unless `total` is given. With `disable` None it shows on a terminal only.
    """

    def __init__(
        self, description: str | None = None, *, total: int | None = None, disable: bool | None = None
    ) -> None:
        self._events = 0
        self._began = time.monotonic()
        self._bar: tqdm[NoReturn] = tqdm(
            total=current_store().head() if total is None else total,
            desc=description,
            disable=disable,
            bar_format=FORMAT,
        )

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def moved(self, events: int, position: int) -> None:
        """Count so many more events, up to this position."""
        self._events += events
        rate = self._events / max(time.monotonic() - self._began, 0.001)
        self._bar.set_postfix_str(f"{self._events:,} events, {rate:,.0f}/s", refresh=False)
        self._bar.update(position - self._bar.n)


FORMAT = "{desc}{percentage:3.0f}% |{bar:30}| {postfix} [{elapsed}, {remaining} left]"
