"""A file of events: one line of JSON each, between a header and a trailer, compressed if its name ends in
.gz.

The header names the format and its version. The trailer holds the counts and the SHA-256 of all lines
between the two, so that a truncated or changed file is noticed.
"""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Annotated

import msgspec

from eventstore.contract import Rules, promise
from eventstore.database.name import NAME
from eventstore.events import NOBODY, Means
from eventstore.transfer.copy import Progress
from eventstore.transfer.portable import CannotMove, PortableEvent, Tally

FORMAT, VERSION = f"{NAME}-events", 2
READ = (1, VERSION)
"""The versions of the format that can be read. In the first no event has a digest of its command."""
COMPRESSION = 6
BATCH = 2000
"""Events between two reports of progress."""


class Header(msgspec.Struct, forbid_unknown_fields=True):
    """The first line."""

    format: Annotated[str, Means("what kind of file it is", personal=NOBODY)]
    version: Annotated[int, Means("the version of the format", unit="versions from 1")]


class Trailer(msgspec.Struct, forbid_unknown_fields=True):
    """The last line."""

    events: Annotated[int, Means("how many there are in the file", unit="events")]
    streams: Annotated[int, Means("of how many streams", unit="streams")]
    sha256: Annotated[str, Means("of all lines between the first and this one", personal=NOBODY)]


RULES = Rules(
    field=False,
    needs_default=True,
    value=False,
    may_vanish=False,
    remedy="Files that were exported say it as it was: put it back, or count VERSION up in "
    "eventstore/transfer/archive.py and go on reading what is in READ",
)
for name, cls in {"header": Header, "event": PortableEvent, "trailer": Trailer}.items():
    promise("archive", RULES, name, VERSION, cls)


class Damaged(CannotMove):
    """The file is truncated or damaged from somewhere on; `readable` events come before."""

    def __init__(self, path: Path, readable: int, what: str) -> None:
        super().__init__(f"{path}, line {readable + 2:,}: {what}. {readable:,} events can be read before it.")
        self.readable = readable


_header = msgspec.json.Decoder(Header)
_event = msgspec.json.Decoder(PortableEvent)
_trailer = msgspec.json.Decoder(Trailer)


def write(path: Path, events: Iterable[PortableEvent], *, force: bool = False) -> Tally:
    """Write the file under another name, and rename it when it can be read back; returns what it holds.

    Only its owner can read it. Raises CannotMove when there is one already, unless with `force`.
    """
    tally = Tally()
    _refuse_overwriting(path, force=force)
    with _partial(path) as partial:
        with _on_disk(partial) as file:
            file.write(_line(Header(FORMAT, VERSION)))
            for each in events:
                file.write(tally.add(each))
            file.write(_line(Trailer(tally.events, len(tally.streams), tally.digest)))
        for _ in read(partial, lambda *_: None):
            pass
        _refuse_overwriting(path, force=force)  # again: an export takes its time
        partial.replace(path)
        _keep_name(path.parent)
    return tally


def _keep_name(folder: Path) -> None:
    """Wait until the new name is on the disk too; otherwise a power cut would undo it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, progress: Progress) -> Iterator[PortableEvent]:
    """The events of a file, in order; `progress` is told the place in the file.

    Raises Damaged at the first line that is not as it was written. Raises CannotMove when it is no such
    file or, at its end, when the lines are not those that were exported.
    """
    tally = Tally()
    with path.open("rb") as raw, _decompressed(path, raw) as file:
        lines = _lines(path, file, tally)
        _check_header(path, next(lines))
        for line in lines:
            if line.startswith(b'{"events":'):
                _check_trailer(path, tally, line)
                if next(lines):
                    raise CannotMove(f"{path} goes on after its last line.")
                return
            yield _read_event(path, tally, line)
            if tally.events % BATCH == 0:
                progress(BATCH, raw.tell())


def _lines(path: Path, file: IO[bytes], tally: Tally) -> Iterator[bytes]:
    """Line by line; empty lines after the end."""
    while True:
        try:
            line = file.readline()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Damaged(
                path, tally.events, f"the compressed file is cut short or damaged ({error})"
            ) from error
        yield line


def _check_header(path: Path, line: bytes) -> None:
    try:
        header = _header.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        header = Header("", 0)
    if header.format != FORMAT:
        raise CannotMove(f"{path} is not a file that export_events has written.")
    if header.version not in READ:
        known = " and ".join(map(str, READ))
        raise CannotMove(f"{path} is in version {header.version} of the format; this program reads {known}.")


def _read_event(path: Path, tally: Tally, line: bytes) -> PortableEvent:
    if not line.endswith(b"\n"):
        raise Damaged(path, tally.events, "the file is cut short here")
    try:
        event = _event.decode(line)
        tally.add(event)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Damaged(path, tally.events, f"this is not an event ({error})") from error
    except CannotMove as error:
        raise Damaged(path, tally.events, str(error).rstrip(".")) from error
    return event


def _check_trailer(path: Path, tally: Tally, line: bytes) -> None:
    try:
        trailer = _trailer.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Damaged(path, tally.events, "the file is cut short or damaged in its last line") from error
    if trailer != Trailer(tally.events, len(tally.streams), tally.digest):
        raise CannotMove(
            f"{path} holds {tally.events:,} events of {len(tally.streams):,} streams, SHA-256 "
            f"{tally.digest}, but says {trailer.events:,} of {trailer.streams:,}, SHA-256 {trailer.sha256}. "
            "Lines were lost or changed; which, cannot be told."
        )


def _line(struct: Header | Trailer) -> bytes:
    return msgspec.json.encode(struct) + b"\n"


def _decompressed(path: Path, raw: BufferedReader) -> IO[bytes]:
    return gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw  # type: ignore[return-value]


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """An empty file beside `path`, with the same ending; removed afterwards, unless it has been renamed.
    Errors name `path`, because nobody asked for this one."""
    try:
        number, name = tempfile.mkstemp(
            dir=path.parent, prefix=f"{path.name}.", suffix=f".partial{path.suffix}"
        )
        os.close(number)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _on_disk(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, compressed depending on its ending; at the end everything is on the disk."""
    with path.open("wb") as raw:
        if path.suffix == ".gz":
            # Without a name and a time in it, so that the same events give the same file.
            with gzip.GzipFile("", "wb", COMPRESSION, raw, mtime=0) as file:
                yield file  # type: ignore[misc]
        else:
            yield raw
        raw.flush()
        os.fsync(raw.fileno())


def _refuse_overwriting(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise CannotMove(f"{path} exists already; --force overwrites it.")
