"""A receiver of webhooks: a real HTTP server that checks signatures as its owner should."""

import hashlib
import hmac
import ssl
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

FIVE_MINUTES = 300


class Receiver:
    """Answers as told, and keeps what came."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.code = 200
        self.answer = b"thank you"
        self.headers: dict[str, str] = {}
        self.go_on = threading.Event()
        self.go_on.set()
        self.drips = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def do_GET(self) -> None:
                receiver.take(self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self.drips = False
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def port(self) -> int:
        return self._server.server_port

    def hang(self) -> None:
        """Take what comes, and answer nothing."""
        self.go_on.clear()

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.requests.append((f"{request.command} {request.path}", dict(request.headers), body))
        self.go_on.wait()
        if self.drips:
            self._drip(request)
            return
        with suppress(ConnectionError):  # the asker may not have waited
            self._answer(request)

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(self.code)
        for name, value in self.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(self.answer)))
        request.end_headers()
        request.wfile.write(self.answer)

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a little at a time, for ever."""
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while self.drips:
            try:
                request.wfile.write(b"X-More: 1\r\n")
            except OSError:
                return
            time.sleep(0.05)

    @property
    def events(self) -> list[CloudEvent]:
        """What came, in order."""
        return [JSONFormat().read(CloudEvent, body) for _, _, body in self.requests]  # type: ignore[misc]


def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """The check that docs/integration-events.md describes for receivers."""
    timestamp = headers["Callout-Timestamp"]
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    is_signed = hmac.compare_digest(f"sha256={expected}", headers["Callout-Signature"])
    return is_signed and abs(time.time() - int(timestamp)) < FIVE_MINUTES
