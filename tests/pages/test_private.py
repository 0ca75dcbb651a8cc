"""No cache keeps what is shown to a person who has signed in."""

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/work/", "/work/?fragment", "/orders/", "/buyers/", "/administration/", "/no-such-page/"]
)
def test_no_cache_keeps_a_page(path: str, root: User) -> None:
    answer = browser_of(root).get(path)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_no_cache_keeps_a_refusal_or_a_redirect(stranger_client: Client, client: Client) -> None:
    assert stranger_client.get("/administration/").status_code == 403
    assert "no-store" in stranger_client.get("/administration/").headers["Cache-Control"]
    assert "no-store" in stranger_client.post("/response/", {}).headers["Cache-Control"]
    assert client.get("/work/").status_code == 302
    assert "no-store" in client.get("/work/").headers["Cache-Control"]


def test_a_description_may_be_kept_by_whoever_asked(stranger_client: Client) -> None:
    answer = stranger_client.get("/api/openapi.json")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = stranger_client.get("/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
