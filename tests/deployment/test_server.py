"""Gunicorn serves pages and static files as it does in production."""

import json
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from gunicorn.config import make_settings  # type: ignore[import-untyped]

from config import gunicorn
from tests.deployment.gunicorn_server import Answer, Place, Server, serve, wait_for

FOR_EVER = "max-age=315360000, public, immutable"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Migrated, and with static files collected, as the image and the `migrate` container leave it."""
    place = Place(tmp_path_factory.mktemp("production"))
    place.manage("migrate")
    place.manage("collectstatic", "--noinput")
    return place


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Server]:
    with serve(place, SECURE_SSL_REDIRECT="0") as server:
        yield server


def static_addresses(page: bytes) -> set[str]:
    """The static files that a page names, without the fragment that picks an icon."""
    return set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.decode()))


def test_the_page_to_sign_in_finds_all_its_static_files(server: Server) -> None:
    page = server.get("/sign-in/")
    assert page.status == 200
    assert "'self'" in page.headers["content-security-policy"]

    addresses = static_addresses(page.body)
    assert {Path(each).suffix for each in addresses} == {".css", ".js", ".svg"}
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), f"{address} is not named by its content"
        plain = server.get(address)
        packed = server.get(address, {"Accept-Encoding": "gzip"})
        assert (plain.status, packed.status) == (200, 200), address
        assert plain.headers["cache-control"] == packed.headers["cache-control"] == FOR_EVER
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip", address
        assert packed.headers["vary"] == "Accept-Encoding"
        assert len(packed.body) < len(plain.body)


def test_every_static_file_is_served_under_its_lasting_name(place: Place, server: Server) -> None:
    manifest = json.loads((place.folder / "static" / "staticfiles.json").read_text())
    assert "callout.css" in manifest["paths"]
    missing = [name for name in manifest["paths"].values() if server.get(f"/static/{name}").status != 200]
    assert missing == []


def test_a_page_that_is_not_there_names_static_files_too(server: Server) -> None:
    answer = server.get("/no-such-page/")
    assert answer.status == 404
    assert all(server.get(each).status == 200 for each in static_addresses(answer.body))


def test_the_health_check_answers_over_plain_http(place: Place) -> None:
    with serve(place) as server:  # it redirects everything else to HTTPS
        for path in ("/health/", "/health/alarms/"):
            asked = server.get(path, {"Host": "10.0.0.7:8000"})
            assert (asked.status, json.loads(asked.body)["ok"]) == (200, True)
        assert server.get("/sign-in/").headers["location"].startswith("https://127.0.0.1")


@pytest.mark.parametrize(("behind", "status"), [("0", 301), ("1", 200)])
def test_only_behind_a_proxy_is_its_word_for_https_taken(place: Place, behind: str, status: int) -> None:
    with serve(place, BEHIND_PROXY=behind) as server:
        assert server.get("/sign-in/", {"X-Forwarded-Proto": "https"}).status == status


def test_the_access_log_tells_no_query_and_no_person(server: Server) -> None:
    server.get(
        "/health/?q=a-private-search", {"Referer": "http://a-private-page/", "User-Agent": "a-browser"}
    )
    lines: list[str] = []

    def logged() -> bool:
        lines[:] = [each for each in server.log.read_text().splitlines() if " GET /health/ 200 " in each]
        return bool(lines)

    wait_for("the access log", logged)
    for private in ("?", "a-private", "a-browser", "127.0.0.1"):
        assert private not in lines[-1]


def test_a_request_in_flight_is_finished_after_sigterm(place: Place, tmp_path: Path) -> None:
    answers: list[Answer] = []
    with serve(place, "tests.deployment.slow:application", GATE=str(tmp_path), WEB_CONCURRENCY="2") as server:
        wait_for("both to start", lambda: server.log.read_text().count("startup complete") == 2)
        asking = threading.Thread(target=lambda: answers.append(server.get("/health/")))
        asking.start()
        wait_for("the request to arrive", (tmp_path / "arrived").exists)

        server.process.send_signal(signal.SIGTERM)
        wait_for("the idle worker to stop", lambda: "Finished server process" in server.log.read_text())
        assert answers == []

        (tmp_path / "open").touch()
        asking.join(60)
        assert server.process.wait(60) == 0
    assert [each.status for each in answers] == [200]
    assert json.loads(answers[0].body)["ok"] is True


def test_what_gunicorn_leaves_behind_when_it_is_killed_gives_back_its_port(place: Place) -> None:
    with serve(place, SECURE_SSL_REDIRECT="0") as server:
        assert server.get("/health/").status == 200
    wait_for("the workers to end", lambda: not is_listened_to(server.port))


def is_listened_to(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_gunicorn_knows_every_setting_it_is_given() -> None:
    given = {name for name in vars(gunicorn) if not name.startswith("_")} - {"os"}
    assert given <= set(make_settings())  # it would pass over a misspelt one without a word
