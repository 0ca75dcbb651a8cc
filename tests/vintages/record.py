"""Writes a vintage: whole streams as the program of the day stores them, through its commands, in an archive.

    DEBUG=1 DATABASE_URL=sqlite:////tmp/vintage.sqlite3 .venv/bin/python -m tests.vintages.record NAME

Needs a database of its own, which it migrates. To be run when a version of an event, of the envelope or of
the archive is new. What it prints goes to SHA256SUMS; a file that stands there is never written again.
"""

import os
import sys
from hashlib import sha256
from pathlib import Path

import django
import msgspec
from django.core.management import call_command

HERE = Path(__file__).parent


def record(path: Path) -> str:
    """Writes the files and returns their lines for SHA256SUMS."""
    from tests.vintages import scenes

    if path.exists():
        raise SystemExit(f"{path} is recorded already, and stays as it is: choose another name.")
    call_command("migrate", verbosity=0)
    scenes.work()
    scenes.orders()
    call_command("export_events", path)
    beside = path.with_suffix(".kurrent.jsonl")
    beside.write_bytes(in_kurrent(path))
    return "".join(f"{sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in (path, beside))


def in_kurrent(path: Path) -> bytes:
    """The jobs of an archive as KurrentDB keeps them: data and metadata, as text."""
    from eventstore.kurrent.envelope import to_kurrent
    from eventstore.transfer import archive

    jobs = [each for each in archive.read(path, lambda *_: None) if each.stream.startswith("work-")]
    lines = []
    for each in jobs:
        kept = to_kurrent(each.new)
        told = {"stream": each.stream, "version": each.version, "id": kept.id, "type": kept.type}
        lines.append(told | {"data": kept.data.decode(), "metadata": kept.metadata.decode()})
    return msgspec.json.Encoder().encode_lines(lines)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.stdout.write(record(HERE / f"{sys.argv[1]}.jsonl"))
