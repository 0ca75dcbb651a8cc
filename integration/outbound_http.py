"""Posts to an address that somebody typed, and nowhere else.

The name is resolved here, and the connection made to an address that was checked: nobody can answer with
one address to the check and another to the connection. It follows no redirects and uses no proxies. All of
it, except the resolver, ends within one deadline, however slowly the answer arrives.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore

DEADLINE = 10.0
"""Seconds for the whole of a request."""
PREFIX = 200
"""Bytes of an answer that are read."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Which of these `is_global` knows depends on the patch release of Python.
_NOBODY_S = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "3fff::/20", "fec0::/10")))


class Forbidden(Exception):
    """The host has no address to which we may connect."""


@dataclass(frozen=True)
class Answer:
    """The status that a receiver answered, the beginning of its answer, and when it says to come again."""

    code: int
    beginning: str
    retry_after: str = ""


def post(url: str, body: bytes, headers: Mapping[bytes | str, bytes | str], *, private: bool) -> Answer:
    """Post the body; to a private address only if `private`. Raises Forbidden, or OSError and what
    httpcore raises when the receiver does not answer in time."""
    until = time.monotonic() + DEADLINE
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), DEADLINE)
    with (
        httpcore.ConnectionPool(tls(), network_backend=Guarded(until, private=private)) as pool,
        pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": timeout}) as answer,
    ):
        named = (value for name, value in answer.headers if name.lower() == b"retry-after")
        retry_after = next(named, b"")
        return Answer(answer.status, _beginning(answer.iter_stream()), retry_after.decode("latin-1"))


@cache
def tls() -> ssl.SSLContext:
    """Trusts the authorities that browsers know, and those that this machine also knows."""
    context = httpcore.default_ssl_context()
    context.load_default_certs()
    return context


def _beginning(parts: Iterable[bytes]) -> str:
    found = b""
    for part in parts:
        found += part
        if len(found) >= PREFIX:
            break
    return found[:PREFIX].decode(errors="replace").replace("\0", "")


def addresses(host: str, port: int, *, private: bool, numeric: bool = False) -> list[str]:
    """The addresses of the host to which we may connect. Raises Forbidden when we may connect to none of
    them, OSError when it has none at all, and UnicodeError when the text cannot be a host name."""
    flags = socket.AI_NUMERICHOST if numeric else 0
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    known = list(dict.fromkeys(str(each[4][0]) for each in found))
    allowed = [each for each in known if private or is_public(each)]
    if not allowed:
        where = host if known == [host] else f"{host} is at {', '.join(known)}, which"
        raise Forbidden(f"{where} is not a public address")
    return allowed


def is_public(address: str) -> bool:
    """Whether this is an address of the public internet: not this machine, not our own network, not a
    multicast group; nor an IPv6 address that leads to such an IPv4 address."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
    if any(found in network for network in _NOBODY_S):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class Guarded(httpcore.NetworkBackend):
    """Connects to public addresses only, until the deadline."""

    def __init__(self, until: float, *, private: bool) -> None:
        self._until = until
        self._private = private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in addresses(host, port, private=self._private):
            try:
                left = time_left(self._until)
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
                return Timed(stream, self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")


class Timed(httpcore.NetworkStream):
    """A connection on which everything ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, time_left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, time_left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        inside = self._stream.start_tls(ssl_context, server_hostname, time_left(self._until))
        return Timed(inside, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def time_left(until: float) -> float:
    """Seconds until then. Raises ReadTimeout when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("timed out")
    return left
