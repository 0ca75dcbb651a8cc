"""Pages travel compressed; streams and the API's answers do not."""

import gzip

import pytest
from django.test import Client

from accounts.models import User
from tests import factories
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db

ZIPPED = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", ["/control/", "/work/", "/work/?fragment"])
def test_a_page_travels_compressed(path: str, root: User) -> None:
    for _ in range(20):
        factories.raise_work()
    browser = browser_of(root)
    plain, zipped = browser.get(path), browser.get(path, headers=ZIPPED)
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in zipped.headers["Vary"]
    assert len(zipped.content) < len(plain.content) / 2
    assert b"</" in gzip.decompress(zipped.content)


def test_what_the_api_answers_keeps_its_tag(control_client: Client) -> None:
    path = f"/api/work/{factories.raise_work()}"
    plain, asked = control_client.get(path), control_client.get(path, headers=ZIPPED)
    assert "Content-Encoding" not in asked.headers
    assert asked.headers["ETag"] == plain.headers["ETag"]


def test_what_goes_wrong_in_the_api_stays_readable(control_client: Client) -> None:
    answer = control_client.get("/api/no-such-thing", headers=ZIPPED)
    assert "Content-Encoding" not in answer.headers
    assert answer.json()["status"] == 404
