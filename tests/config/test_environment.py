"""A bad value in the environment stops the start with one sentence that names the variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment as env


@pytest.mark.parametrize(("value", "meant"), [("", "GBP"), ("  ", "GBP"), ("CZK", "CZK"), (" EUR ", "EUR")])
def test_a_currency(monkeypatch: pytest.MonkeyPatch, value: str, meant: str) -> None:
    monkeypatch.setenv("CURRENCY", value)
    assert env.currency("CURRENCY", default="GBP") == meant


@pytest.mark.parametrize("value", ["gbp", "GPB", "£", "pounds", "JPY", "BHD"])
def test_a_text_that_is_no_currency_with_two_decimal_places_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CURRENCY", value)
    with pytest.raises(ImproperlyConfigured, match=rf"^CURRENCY must be the ISO code .* not '{value}'.$"):
        env.currency("CURRENCY", default="GBP")


@pytest.mark.parametrize(("value", "meant"), [("", 5), ("0", 0), (" 12 ", 12)])
def test_a_whole_number(monkeypatch: pytest.MonkeyPatch, value: str, meant: int) -> None:
    monkeypatch.setenv("LOW_STOCK", value)
    assert env.whole_number("LOW_STOCK", default=5) == meant


@pytest.mark.parametrize("value", ["-1", "1.5", "1e5", "few", "9999999999", "٣"])
def test_a_text_that_is_no_whole_number_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LOW_STOCK", value)
    with pytest.raises(ImproperlyConfigured, match=r"^LOW_STOCK must be a whole number from 0 up, not "):
        env.whole_number("LOW_STOCK", default=5)


@pytest.mark.parametrize(
    "value", ["", "amqp://guest:guest@127.0.0.1:5672//", "amqps://bus.example.com/callout"]
)
def test_a_message_broker(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EVENT_BUS_URL", value)
    assert env.event_bus("EVENT_BUS_URL") == value


@pytest.mark.parametrize(
    ("value", "backend"),
    [("", "LocMemCache"), ("memory://", "LocMemCache"), (" database:// ", "DatabaseCache")],
)
def test_a_cache(monkeypatch: pytest.MonkeyPatch, value: str, backend: str) -> None:
    monkeypatch.setenv("CACHE_URL", value)
    assert env.cache("CACHE_URL")["BACKEND"].endswith(f".{backend}")


@pytest.mark.parametrize("value", ["redis://localhost", "memory", "database://other", "DATABASE://"])
def test_a_text_that_is_no_cache_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CACHE_URL", value)
    with pytest.raises(ImproperlyConfigured, match=r"^CACHE_URL must be unset, memory:// or database://,"):
        env.cache("CACHE_URL")


@pytest.mark.parametrize(("value", "meant"), [("", (600, 60)), ("10/s", (10, 1)), (" 5000/h ", (5000, 3600))])
def test_a_rate(monkeypatch: pytest.MonkeyPatch, value: str, meant: tuple[int, int]) -> None:
    monkeypatch.setenv("API_RATE", value)
    assert env.rate("API_RATE", default="600/m") == meant


@pytest.mark.parametrize("value", ["600", "0/m", "-1/m", "600/min", "600 / m", "six/m", "600/5m", "600/d"])
def test_a_text_that_is_no_rate_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("API_RATE", value)
    with pytest.raises(ImproperlyConfigured, match=r"^API_RATE must look like 10/s, 600/m or 5000/h, not "):
        env.rate("API_RATE", default="600/m")


@pytest.mark.parametrize("value", ["localhost", "redis://localhost", "amqp://", "amqp:///", "amqp://a b/"])
def test_a_text_that_is_no_message_broker_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EVENT_BUS_URL", value)
    with pytest.raises(ImproperlyConfigured, match=r"^EVENT_BUS_URL must be unset, or look like amqp://"):
        env.event_bus("EVENT_BUS_URL")


@pytest.mark.parametrize("value", ["file:///var/mail/callout", "file:////var/mail/callout"])
def test_mail_into_a_folder_named_from_the_root(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    found = env.email("EMAIL_URL", default="console:")
    assert found["EMAIL_BACKEND"].endswith(".filebased.EmailBackend")
    assert found["EMAIL_FILE_PATH"] == "/var/mail/callout"


@pytest.mark.parametrize("value", ["letterbox", "pigeon://loft"])
def test_a_text_that_is_no_way_to_send_mail_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_URL must look like smtp://"):
        env.email("EMAIL_URL", default="console:")
