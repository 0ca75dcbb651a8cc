"""docs/tutorial.md works: its files make an application over the kernel, whose own test passes."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

PAGE = settings.BASE_DIR / "docs/tutorial.md"
KERNEL = ("eventstore", "spelling")


def run(command: str, project: Path) -> str:
    """What a command line of the page says, of a project in which nothing is set but what the page sets."""
    done = subprocess.run(
        [sys.executable, *command.split()[1:]],
        cwd=project,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_whoever_follows_the_tutorial_has_an_application_with_a_passing_test(tmp_path: Path) -> None:
    page = PAGE.read_text()
    call_command("startproject", "library", str(tmp_path))
    (tmp_path / "lending").mkdir()
    call_command("startapp", "lending", str(tmp_path / "lending"))
    for name in KERNEL:
        (tmp_path / name).symlink_to(settings.BASE_DIR / name)
    files = dict(re.findall(r"\*\*`(.+?)`\*\*\n\n```\w+\n(.+?)```", page, re.S))
    assert len(files) == page.count("```") // 2, "each block of code says which file it is"
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commands = re.findall(r"^    (python .+)$", page, re.M)
    assert "LoanRow" in run(commands[0], tmp_path)
    assert "Ran 2 tests" in run(commands[1], tmp_path)
