"""The name under which others come across the kernel, and what carries it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from eventstore.database.name import checked
from eventstore.embedded.subscription import CHANNEL
from eventstore.projections.shadow_postgresql import SCHEMA
from eventstore.transfer.archive import FORMAT


def test_what_carries_the_name_is_called_as_ever_where_none_is_set() -> None:
    """Old and new processes wake each other, and archives of before are read."""
    assert (CHANNEL, SCHEMA, FORMAT) == ("callout_events", "callout_shadow", "callout-events")


@pytest.mark.parametrize("name", ["", "Callout", "call-out", "1st", "a" * 41, "x; DROP SCHEMA public"])
def test_a_name_that_postgresql_does_not_take_as_it_is_is_refused(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EVENT_STORE_NAME must be up to 40 small letters"):
        checked(name)


def test_any_other_is_taken() -> None:
    assert checked("lending_2") == "lending_2"
