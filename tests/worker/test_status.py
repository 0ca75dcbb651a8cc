"""`manage.py project --status`: what it says and how it ends, when all is well and when something is away."""

from io import StringIO
from typing import Any, NoReturn

import pytest
from django.core.management import CommandError, call_command

from eventstore.current import current_store
from eventstore.embedded.store import EmbeddedStore
from eventstore.models import Checkpoint
from eventstore.store import Unreachable
from tests import factories
from tests.worker.processes import project

pytestmark = pytest.mark.django_db


def status(*arguments: str) -> tuple[list[str], str]:
    """The lines of the status, and the error; empty when there was none."""
    said = StringIO()
    try:
        call_command("project", "--status", *arguments, stdout=said)
    except CommandError as error:
        return said.getvalue().splitlines(), str(error)
    return said.getvalue().splitlines(), ""


def acquired() -> int:
    """A site; the position of its event, up to which inline read models have come."""
    factories.acquire()
    return current_store().head()


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def backlog(*_: Any) -> NoReturn:
        raise Unreachable("pulled the plug")

    monkeypatch.setattr(EmbeddedStore, "backlog", backlog)


def test_each_is_named_and_where_it_stands() -> None:
    here = acquired()
    lines, amiss = status()
    assert f"sites: position {here}, up to date" in lines
    assert any(each.startswith("reaction mail: position 0, 1 event and ") for each in lines)
    assert amiss == ""
    assert status("sites") == ([f"sites: position {here}, up to date"], "")


def test_poison_and_tables_of_other_code_are_named_and_fail() -> None:
    here = acquired()
    Checkpoint.objects.filter(name="sites").update(error="SiteAcquired at 1: no such town")
    Checkpoint.objects.filter(name="work").update(version=99)
    lines, amiss = status()
    assert f"sites: position {here}, up to date; stopped: SiteAcquired at 1: no such town" in lines
    assert f"work: position {here}, up to date; wants a rebuild" in lines
    assert amiss == "sites stopped: SiteAcquired at 1: no such town\nwork wants a rebuild"
    assert status("operatives")[1] == ""


def test_somebody_who_is_further_behind_than_was_asked_for_is_named() -> None:
    factories.acquire()
    Checkpoint.objects.filter(name="sites").update(position=0)
    assert status("sites", "--within", "-1")[1] == "sites is more than -1 s behind"
    assert status("sites", "--within", "3600")[1] == ""


@pytest.mark.usefixtures("unreachable")
def test_while_the_store_is_away_it_says_what_the_database_knows() -> None:
    here = acquired()
    Checkpoint.objects.filter(name="work").update(error="no such town")
    lines, amiss = status()
    assert f"sites: position {here}, how far behind is not known" in lines
    assert f"work: position {here}, how far behind is not known; stopped: no such town" in lines
    assert amiss == "The event store cannot be reached (pulled the plug)."
    assert status("sites")[0] == [f"sites: position {here}, how far behind is not known"]


def test_while_the_database_is_away_it_says_so() -> None:
    asked = project("--status", DATABASE_URL="postgres://postgres@127.0.0.1:1/postgres")
    assert asked.returncode == 1
    assert "CommandError: The database cannot be reached (connection failed" in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize("arguments", [["--within", "60"], ["--status", "--follow"]], ids=" ".join)
def test_what_makes_no_sense_together_is_refused(arguments: list[str]) -> None:
    """A health check that forgot a word must not project."""
    with pytest.raises(CommandError, match=r"--within asks for --status|not allowed with argument"):
        call_command("project", *arguments)
