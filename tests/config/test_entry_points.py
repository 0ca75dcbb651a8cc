"""Commands typed after `make run` work; production inherits nothing; a bad setting gives one sentence."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.development import VARIABLES
from tests.importing.csv_rows import row, write

ROOT = Path(__file__).resolve().parents[2]
COPIED = {"config", "manage.py"}
NO_KEY = "SECRET_KEY must be set to a long random text, unless DEBUG=1.\n"
SERVERS = [
    ["-m", "uvicorn", "config.asgi:application", "--port", "0"],
    ["-m", "config.serve", "--bind", "127.0.0.1:0", "--log-level", "error"],
    ["-c", "import config.wsgi"],
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of its own: the files that make its settings are copied, the rest is that of this one."""
    for each in ROOT.iterdir():
        if each.name in COPIED:
            (shutil.copytree if each.is_dir() else shutil.copy)(each, tmp_path / each.name)
        elif each.is_dir() and not each.name.startswith((".", "staticfiles")):
            (tmp_path / each.name).symlink_to(each)
    return tmp_path


def python(checkout: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Python in a shell that sets these variables and no other of Callout's."""
    others = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    others.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=checkout, env=others | variables, text=True, capture_output=True, timeout=120
    )


@pytest.fixture
def after_make_run(checkout: Path) -> Path:
    python(checkout, "-m", "config.development", DEBUG="1", EMAIL_FROM="desk@callout.example")
    return checkout


def test_the_commands_of_the_readme_work_after_make_run(after_make_run: Path) -> None:
    named = ["createsuperuser", "--noinput", "--username=grace", "--email=grace@callout.example"]
    for command in (["migrate"], named, ["import_work", "--help"], ["verify"], *typed_as_they_stand()):
        done = python(after_make_run, "manage.py", *command)
        assert (done.returncode, done.stderr) == (0, "")


def typed_as_they_stand() -> list[list[str]]:
    """The commands that the papers set apart in lines of their own, but for those with somebody's URL."""
    papers = "".join((ROOT / each).read_text() for each in ("README.md", "docs/backup.md"))
    lines = re.findall(r"^    (.*manage\.py [^#\n]*)", papers, re.MULTILINE)
    commands = [shlex.split(line) for line in lines]
    assert {each.pop(0) for each in commands} == {".venv/bin/python"}
    assert {each.pop(0) for each in commands} == {"manage.py"}
    return [each for each in commands if not any("://" in word for word in each)]


def test_they_act_on_what_make_run_serves(after_make_run: Path) -> None:
    show = "from django.conf import settings; print(settings.DEBUG, settings.DEFAULT_FROM_EMAIL)"
    done = python(after_make_run, "manage.py", "shell", "--no-imports", "-c", show)
    assert done.stdout == "True desk@callout.example\n"


@pytest.mark.parametrize("name", ["ALLOWED_HOSTS", "DATABASE_URL", "EVENT_STORE_URL", "TIME_ZONE"])
def test_where_the_environment_says_anything_the_file_says_nothing(after_make_run: Path, name: str) -> None:
    done = python(after_make_run, "manage.py", "verify", **{name: ""})
    assert (done.returncode, done.stderr) == (1, NO_KEY)


def test_a_production_machine_does_not_inherit_debug(after_make_run: Path) -> None:
    show = "from django.conf import settings; print(settings.DEBUG, settings.DEFAULT_FROM_EMAIL)"
    done = python(after_make_run, "manage.py", "shell", "--no-imports", "-c", show, SECRET_KEY="a" * 60)
    assert done.stdout == "False callout@localhost\n"


@pytest.mark.parametrize("server", SERVERS, ids=["uvicorn", "gunicorn", "wsgi"])
def test_no_server_reads_it(after_make_run: Path, server: list[str]) -> None:
    done = python(after_make_run, *server)
    assert (done.returncode, done.stderr) == (1, NO_KEY)


def test_it_is_for_its_owner_alone_and_in_no_commit_and_no_image(after_make_run: Path) -> None:
    assert stat.S_IMODE((after_make_run / ".env.development").stat().st_mode) == 0o600
    assert ".env.development" in (ROOT / ".gitignore").read_text().splitlines()
    assert ".env*" in (ROOT / ".dockerignore").read_text().splitlines()


def test_make_run_writes_it() -> None:
    assert "python -m config.development" in (ROOT / "Makefile").read_text()


def test_it_holds_whatever_the_settings_read() -> None:
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text())
    assert sorted(read) == list(VARIABLES)


@pytest.mark.parametrize(
    "entry",
    [*SERVERS, ["manage.py", "createsuperuser"], ["manage.py", "migrate"]],
    ids=lambda entry: entry[1],
)
def test_a_bad_setting_is_one_sentence(checkout: Path, entry: list[str]) -> None:
    done = python(checkout, *entry, DEBUG="1", TIME_ZONE="Atlantis")
    sentence = "TIME_ZONE must name a time zone such as Europe/London, not 'Atlantis'.\n"
    assert (done.returncode, done.stderr) == (1, sentence)


@pytest.mark.parametrize("given", ["two", "0", "-1", "1000", "1.5"])
def test_so_is_a_bad_number_of_processes(checkout: Path, given: str) -> None:
    done = python(checkout, *SERVERS[1], DEBUG="1", WEB_CONCURRENCY=given)
    sentence = f"WEB_CONCURRENCY must be a whole number from 1 to 99, not {given!r}.\n"
    assert (done.returncode, done.stderr) == (1, sentence)


@pytest.mark.parametrize(
    "command",
    [["migrate"], ["createsuperuser", "--noinput", "--username=x", "--email=x@y.example"], ["verify"]],
)
def test_a_database_that_does_not_answer_is_one_sentence(checkout: Path, command: list[str]) -> None:
    url = "postgres://nobody:secret@127.0.0.1:1/none"
    done = python(checkout, "manage.py", *command, DEBUG="1", DATABASE_URL=url)
    assert done.returncode == 1
    assert re.fullmatch(
        r"(CommandError: )?The database cannot be reached \(.*Connection refused.*\)\.\n", done.stderr
    )
    assert "secret" not in done.stderr


def test_a_file_that_cannot_be_opened_is_one_sentence(checkout: Path) -> None:
    url = f"sqlite:///{checkout}/nowhere/callout.sqlite3"
    done = python(checkout, "manage.py", "migrate", DEBUG="1", DATABASE_URL=url)
    told = "The database cannot be reached (unable to open database file).\n"
    assert (done.returncode, done.stderr) == (1, told)


@pytest.mark.parametrize(
    "command",
    [
        ["createsuperuser", "--noinput", "--username=x", "--email=x@y.example"],
        ["import_work", "requests.csv"],
        ["verify"],
        ["export_events", "events.jsonl"],
        ["seed_demo"],
    ],
    ids=lambda command: command[0],
)
def test_a_database_without_tables_is_one_sentence(checkout: Path, command: list[str]) -> None:
    write(checkout / "requests.csv", [row(1)])
    done = python(
        checkout, "manage.py", *command, DEBUG="1", DATABASE_URL=f"sqlite:///{checkout}/new.sqlite3"
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "The database lacks tables of this version (no such table: " in done.stderr
    assert "). manage.py migrate makes them." in done.stderr
