"""What no page may do during a test."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

UNPROCESSABLE = 422
"""A refused form: the one failure that is an ordinary answer."""

REPEATED = (
    "Failed to load resource: the server responded with a status",
    "Response Status Error Code",
    "htmx:sendAbort",
    "htmx:afterRequest",
)
"""What the console says about requests: `_answered` and `_unanswered` know better which of them are
faults."""


OUTAGE = ("Failed to load resource: net::", "htmx:sendError")


class Watch:
    """Listens to everything that pages do, and collects what is wrong with it in `faults`."""

    def __init__(self, served_at: str) -> None:
        self.host = urlsplit(served_at).netloc
        self.faults: list[str] = []
        self.expected = {UNPROCESSABLE}
        self.is_outage = False

    def expect_status(self, status: int) -> None:
        """From here on, an answer with this status is expected."""
        self.expected.add(status)

    def expect_outage(self) -> None:
        """From here on, the network may fail: the test has it do so."""
        self.is_outage = True

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page of this context."""
        context.on("console", self._heard)
        context.on("weberror", self._failed)
        context.on("request", self._asked)
        context.on("requestfailed", self._unanswered)
        context.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        known = (*REPEATED, *OUTAGE) if self.is_outage else REPEATED
        if message.type == "error" and not message.text.startswith(known):
            self.faults.append(f"Console: {message.text} ({message.location.get('url')})")

    def _failed(self, error: WebError) -> None:
        self.faults.append(f"Script: {error.error}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self.host:
            self.faults.append(f"Another host was asked: {request.url}")

    def _unanswered(self, request: Request) -> None:
        # Aborted: the person typed on, or went to another page, before the answer came.
        if request.failure != "net::ERR_ABORTED" and not self.is_outage:
            self.faults.append(f"No answer: {request.method} {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status}: {response.request.method} {response.url}")
