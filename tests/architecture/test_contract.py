"""What is on record of events and of what goes with them is what the code promises, and says everything."""

import pytest
from django.core.management import call_command

from eventstore.checks import unsaid
from eventstore.contract import EVENTS, promised
from eventstore.management.commands.write_contract import recorded
from eventstore.transfer.archive import READ

RECORD = recorded()
OTHERS = {section: promises for section, promises in promised([]).items() if section != EVENTS}


def test_the_record_and_its_page_are_up_to_date() -> None:
    call_command("write_contract", check=True)


def test_the_envelope_the_archive_and_what_others_are_told_are_on_record() -> None:
    assert {section: set(promises) for section, promises in RECORD.items() if section == "archive"} == {
        "archive": {"header", "event", "trailer"}
    }
    assert set(RECORD["envelope"]) == {"recorded event", "metadata in KurrentDB"}
    assert "callout.order.started" in RECORD["integration events"]


@pytest.mark.parametrize("section", OTHERS)
def test_they_too_say_what_they_mean_and_whose_their_texts_are(section: str) -> None:
    for name, promise in OTHERS[section].items():
        for shape in promise.versions.values():
            assert list(unsaid(name, shape)) == []


def test_every_version_of_the_archive_on_record_is_read() -> None:
    for promise in RECORD["archive"].values():
        assert set(promise.versions) == set(READ)


def test_nothing_personal_is_told_to_others() -> None:
    for promise in RECORD["integration events"].values():
        for shape in promise.versions.values():
            assert {each.personal for each in shape.fields.values()} <= {"", "nobody"}
