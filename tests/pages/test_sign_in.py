"""Signing in and out, and how the pages look."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User

pytestmark = pytest.mark.django_db
WRONG = "The username or the password is wrong"


def test_signing_in_leads_to_where_one_wanted_to_go(control: User, client: Client) -> None:
    answer = client.post(
        "/sign-in/?next=/control/", {"username": "control", "password": "demo", "next": "/control/"}
    )
    assert (answer.status_code, answer.url) == (302, "/control/")  # type: ignore[attr-defined]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(control: User, client: Client, elsewhere: str) -> None:
    fields = {"username": "control", "password": "demo", "next": elsewhere}
    assert client.post("/sign-in/", fields).url == "/"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("username", "password"),
    [("control", "wrong"), ("nobody", "demo"), ("", ""), ("control", "demo\0"), ("CONTROL", "demo")],
)
def test_a_wrong_password_says_so_and_keeps_the_username(
    control: User, client: Client, username: str, password: str
) -> None:
    answer = client.post("/sign-in/", {"username": username, "password": password})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert WRONG in page
    assert 'role="alert"' in page
    assert f'value="{username}"' in page
    assert 'aria-invalid="true"' in page
    assert "_auth_user_id" not in client.session


def test_somebody_who_is_deactivated_reads_the_same(control: User, client: Client) -> None:
    User.objects.filter(pk=control.pk).update(is_active=False)
    answer = client.post("/sign-in/", {"username": "control", "password": "demo"})
    assert answer.status_code == 422
    assert WRONG in answer.content.decode()


def test_somebody_who_has_signed_in_is_not_asked_again(control_client: Client) -> None:
    assert control_client.get("/sign-in/").status_code == 302


def test_signing_in_deletes_sessions_that_have_ended(control: User, client: Client) -> None:
    now = timezone.now()
    for number in range(3):
        Session.objects.create(session_key=f"ended{number}", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="goes on", expire_date=now + timedelta(hours=1))
    client.post("/sign-in/", {"username": "control", "password": "demo"})
    left = set(Session.objects.values_list("session_key", flat=True))
    assert left == {"goes on", client.session.session_key}


def test_signing_out(control_client: Client) -> None:
    assert control_client.get("/sign-out/").status_code == 405
    assert control_client.post("/sign-out/").url == "/sign-in/"  # type: ignore[attr-defined]
    assert control_client.get("/control/").status_code == 302


@pytest.mark.parametrize("wanted", ["light", "dark", "auto"])
def test_the_appearance_is_kept(client: Client, wanted: str) -> None:
    answer = client.post("/theme/", {"theme": wanted, "next": "/sign-in/"})
    assert answer.url == "/sign-in/"  # type: ignore[attr-defined]
    cookie = answer.cookies["theme"]
    assert (cookie.value, bool(cookie["httponly"]), cookie["samesite"]) == (wanted, True, "Lax")
    assert f'data-theme="{wanted}"' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("wanted", ["pink", "", '"><script>'])
def test_an_unknown_appearance_is_left_alone(client: Client, wanted: str) -> None:
    assert "theme" not in client.post("/theme/", {"theme": wanted}).cookies
    client.cookies["theme"] = wanted
    assert 'data-theme="auto"' in client.get("/sign-in/").content.decode()


def test_the_appearance_leads_nowhere_else(client: Client) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer.url == "/"  # type: ignore[attr-defined]
    assert client.get("/theme/").status_code == 405
