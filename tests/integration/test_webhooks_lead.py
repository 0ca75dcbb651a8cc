"""Where webhooks may lead: only to public addresses, to exactly the address that was checked, and with
TLS."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from integration import outbound_http
from integration.models import Delivery
from tests import factories
from tests.integration.deliveries import deliver, webhook
from tests.integration.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.0.8",
        "192.0.0.192",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "3fff::1",
        "64:ff9b:1::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not outbound_http.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"])
def test_a_public_address(address: str) -> None:
    assert outbound_http.is_public(address)


def test_a_private_address_is_refused_whatever_it_is_called(
    receiver: Receiver, settings: LazySettings
) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    port = receiver.port
    hooks = [
        webhook(f"http://{host}:{port}/hook") for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1")
    ]
    factories.raise_work()
    deliver(*hooks)
    assert receiver.requests == []
    assert all("not a public address" in each.error for each in Delivery.objects.all())


def test_a_name_that_changes_between_the_look_and_the_connection_leads_nowhere(
    receiver: Receiver, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is public, each later one is this machine's: there must be no later one."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    port = receiver.port
    real, asked, reached = socket.getaddrinfo, list[str](), list[str]()

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "rebinding.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("192.0.2.1" if len(asked) > 1 else "93.184.216.34", *args, **kwargs)

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        reached.append(address[0])
        raise ConnectionRefusedError("not today")

    monkeypatch.setattr("socket.getaddrinfo", rebinding)
    monkeypatch.setattr("socket.create_connection", connect)
    hook = webhook(f"http://rebinding.example:{port}/hook")
    factories.raise_work()
    deliver(hook)
    assert (asked, reached) == (["rebinding.example"], ["93.184.216.34"])
    assert receiver.requests == []


def test_the_host_keeps_its_name_though_the_connection_goes_to_an_address(receiver: Receiver) -> None:
    hook = webhook(receiver.url.replace("127.0.0.1", "localhost"))
    factories.raise_work()
    deliver(hook)
    assert receiver.requests[0][1]["Host"].startswith("localhost:")


@pytest.fixture
def of_localhost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The certificate of localhost, which this machine believes, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("There is no openssl here. Run: apt-get install openssl")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with certificate.open("a") as both:
        both.write(key.read_text())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    outbound_http.tls.cache_clear()
    yield certificate
    outbound_http.tls.cache_clear()


def test_over_tls_the_name_is_what_the_certificate_must_be_for(
    settings: LazySettings, of_localhost: Path
) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    with Receiver(of_localhost) as receiver:
        good = webhook(f"https://localhost:{receiver.port}/hook")
        bad = webhook(f"https://127.0.0.1:{receiver.port}/hook")
        factories.raise_work()
        deliver(good, bad)
        assert good.deliveries.get().status == "Delivered"
        assert "certificate" in bad.deliveries.get().error.lower()
        assert len(receiver.requests) == 1
