"""Acquires sites, whatever happens to the database: `python -m tests.faults.acquirer COUNT`.

Each is a command with an id of its own, sent again until it gets an answer, like a person who presses the
button again. It prints the id of each site that was acknowledged.
"""

import sys
import time
from uuid import UUID, uuid4

import django

django.setup()

from django.db import InterfaceError, OperationalError, connection  # noqa: E402  Django is set up first

from eventstore.dispatch import dispatch  # noqa: E402
from sites.commands import AcquireSite  # noqa: E402
from sites.site import SITE  # noqa: E402


def acquire(number: int) -> UUID:
    """One site, for certain."""
    site_id, command_id = uuid4(), uuid4()
    command = AcquireSite(
        site_id=site_id,
        address_line_1=f"{number} Harbour Street",
        town=f"Town {number}",
        post_code="YO21 1AA",
        telephone_number="01947 600001",
    )
    while True:
        try:
            dispatch(command, to=SITE, by="user-0", command_id=command_id)
            return site_id
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.05)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        print(acquire(number), flush=True)
        time.sleep(0.005)
