"""A disk that is really full: pages can still be read, and monitoring is told."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage

import pytest

from tests.deployment.gunicorn_server import Answer, Place, Server, serve


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.decode().strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def alarms(server: Server) -> Answer:
    return server.get("/health/alarms/", {"Host": "10.0.0.7"})


def test_a_full_disk_is_told_and_survived(small_disk: Path) -> None:
    place = Place(small_disk)
    place.manage("migrate")
    with serve(place, WEB_CONCURRENCY="1") as server:
        assert server.get("/health/", {"Host": "10.0.0.7"}).status == 200

        filling = small_disk / "filling"
        filling.write_bytes(bytes(disk_usage(small_disk).free))
        told = alarms(server)
        assert told.status == 503
        assert b'"writes": false, "trouble": "full"' in told.body
        assert server.get("/health/", {"Host": "10.0.0.7"}).status == 200

        filling.unlink()
        assert alarms(server).status == 200
