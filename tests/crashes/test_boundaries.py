"""The hook of the crash tests misses no statement: it is compared with what the database's own library
saw."""

from itertools import pairwise

import pytest
from django.db import connection

from tests.crashes.child import Children
from tests.eventstore.conftest import INLINE, WORKER


@pytest.mark.parametrize("store", [INLINE, WORKER])
@pytest.mark.parametrize("deed", ["command", "command while behind", "batch", "rebuild"])
def test_between_two_statements_there_is_always_a_boundary(store: str, deed: str, children: Children) -> None:
    children.prepare(deed)
    seen = children.watch(deed)
    if connection.vendor == "sqlite":
        marks = seen["marks"]
        assert len(marks) > 1
        assert all(before < after for before, after in pairwise(marks))
    else:
        by_the_library, by_the_hook = seen["statements"]
        assert by_the_library == by_the_hook > 1
