"""A person who may do anything, on the present database: `python -m tests.faults.somebody` prints the key
of their session and the secret of their program."""

import django

django.setup()

from accounts.features import Feature  # noqa: E402  Django is set up first
from accounts.models import User  # noqa: E402
from accounts.tokens import make  # noqa: E402
from tests.conftest import browser_of  # noqa: E402

if __name__ == "__main__":
    user = User.objects.create_superuser("somebody", password="of no use")
    print(browser_of(user).cookies["sessionid"].value)
    print(make("Programme", list(Feature), by=user)[1])
