"""An SMTP server that keeps what workers hand over; these may be killed."""

import email
import email.policy
import socketserver
from email.message import EmailMessage
from threading import Thread
from typing import Any, Self


class _Counter(socketserver.StreamRequestHandler):
    """One conversation. A message counts once it was read to the final dot and accepted, as in a real
    server."""

    server: "Post"

    def handle(self) -> None:
        goes_on = self._say("220 ready", to="HELLO")
        while goes_on and (line := self.rfile.readline().strip().upper()):
            command = line[:4].decode()
            self.server.told.append(line.decode())
            if command == "DATA" and "DATA" not in self.server.instead:
                goes_on = self._take_message()
            else:
                goes_on = self._say("250 ok", to=command) and command != "QUIT"

    def _take_message(self) -> bool:
        self._say("354 go on", to="DATA")
        if (text := self._text()) is None:
            return False  # cut off in the middle: nothing was handed over
        if "." not in self.server.instead:
            self.server.messages.append(email.message_from_bytes(text, policy=email.policy.default))
        return self._say("250 ok", to=".")

    def _text(self) -> bytes | None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                return None
            lines.append(line)
        return b"".join(lines)

    def _say(self, words: str, *, to: str) -> bool:
        """Answer what was said, or as the test wants it; False to hang up instead."""
        words = self.server.instead.get(to, words)
        self.wfile.write(f"{words}\r\n".encode() if words else b"")
        return bool(words)


class Post(socketserver.ThreadingTCPServer):
    """What was handed in is in `messages`. A sender that is killed may hand in the same one twice, under the
    same Message-ID. `instead` is what it says instead, by what it was told ("MAIL", "RCPT", ..., "." at the
    end of a message, "HELLO" for being called at all); nothing for hanging up. `told` is all it was told, in
    capitals."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.messages: list[EmailMessage] = []
        self.told: list[str] = []
        self.instead: dict[str, str] = {}
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Senders that are killed break off; that is why they are killed."""

    @property
    def url(self) -> str:
        """As EMAIL_URL names it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    @property
    def ids(self) -> list[str]:
        """The first parts of their Message-IDs: the events that they are about."""
        return [str(each["Message-ID"]).strip("<>").partition("@")[0] for each in self.messages]
