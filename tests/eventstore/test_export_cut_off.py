"""What an export says that did not come to its end."""

from pathlib import Path
from typing import NoReturn

import pytest
from django.core.management import CommandError, call_command

from eventstore.embedded.store import EmbeddedStore
from eventstore.store import Unreachable
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "words"),
    [(Unreachable("pulled the plug"), "cannot be reached"), (KeyboardInterrupt(), "Stopped")],
    ids=["store away", "interrupted"],
)
def test_it_does_not_say_that_it_goes_on_from_there(
    error: BaseException, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a copy and an import do: there is nothing to go on from."""
    factories.acquire()

    def fails(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(EmbeddedStore, "read_all", fails)
    with pytest.raises(CommandError, match=rf"{words}.*\. No file was written\.$"):
        call_command("export_events", str(tmp_path / "events.jsonl"))
    assert list(tmp_path.iterdir()) == []
