"""manage.py write_contract: what the code promises, added to what was promised before."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from eventstore.contract import Broken, Contract, extended, promised
from eventstore.kurrent import envelope  # noqa: F401  under contract
from eventstore.management.contract_page import page
from eventstore.transfer import archive  # noqa: F401  under contract

_record = msgspec.json.Decoder(Contract)


class Command(BaseCommand):
    help = (
        "Add to the record of events (settings.EVENT_CONTRACT), and to the page beside it, what the code "
        "promises beyond it. Nothing on record is ever changed or left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail unless all is written")

    def handle(self, *, check: bool, **_: Any) -> None:
        path = Path(settings.EVENT_CONTRACT)
        contract = _extended(path)
        for file, text in (
            (path, as_text(contract)),
            (path.with_suffix(".md"), page(contract, path.name)),
        ):
            if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
                raise CommandError(
                    f"{file} is not up to date: run manage.py write_contract, and read what it adds."
                )
            if not check:
                file.write_text(text, encoding="utf-8")


def _extended(path: Path) -> Contract:
    try:
        return extended(recorded(), promised())
    except Broken as broken:
        told = "\n".join(f"- {each}" for each in broken.sentences)
        raise CommandError(f"The code breaks what {path.name} promises:\n{told}") from None


def recorded() -> Contract:
    """What is on record. Raises CommandError when that cannot be read."""
    path = Path(settings.EVENT_CONTRACT)
    try:
        return _record.decode(path.read_bytes())
    except FileNotFoundError:
        raise CommandError(
            f"{path} is missing, and what it says stands nowhere else: bring it back from version control. "
            "Only where nothing was ever stored does one begin with {}."
        ) from None
    except msgspec.MsgspecError as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def as_text(contract: Contract) -> str:
    """The record as it stands in its file."""
    return msgspec.json.format(msgspec.json.encode(contract), indent=2).decode() + "\n"
