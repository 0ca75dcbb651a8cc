"""The promises of compose.yaml and the Dockerfile that can be checked without a container engine."""

import json
import re
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from config import gunicorn
from tests.deployment.gunicorn_server import ROOT

TEXT = (ROOT / "compose.yaml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
LONG_RUNNING = sorted(name for name, service in SERVICES.items() if service["restart"] != "no")
PINNED = re.compile(r"\S+:\d+\.\d+\S*")


def test_the_services_are_the_ones_that_the_readme_names() -> None:
    assert sorted(SERVICES) == ["kurrentdb", "migrate", "postgres", "web", "worker"]
    assert LONG_RUNNING == ["kurrentdb", "postgres", "web", "worker"]


def test_images_are_pinned_to_a_version_or_built_here() -> None:
    for name, service in SERVICES.items():
        assert "build" in service or PINNED.fullmatch(service["image"]), f"{name}: {service['image']}"
    stages: set[str] = set()
    for image, stage in re.findall(r"^FROM (\S+)(?: AS (\S+))?", (ROOT / "Dockerfile").read_text(), re.M):
        assert image in stages or PINNED.fullmatch(image), image
        stages.add(stage)


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_says_whether_it_is_well_and_comes_back_when_it_dies(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_may_do_no_more_than_it_must(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_only_the_web_server_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    # The worker reaches out, for mail, the broker and webhooks.
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {
        "web",
        "worker",
    }


def test_nothing_starts_before_what_it_needs() -> None:
    wanted = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    for name in ("web", "worker"):
        assert wanted[name]["migrate"]["condition"] == "service_completed_successfully"
    for name in ("web", "worker", "migrate"):
        assert wanted[name]["postgres"]["condition"] == "service_healthy"
        assert wanted[name]["kurrentdb"]["condition"] == "service_healthy"


def managed() -> list[list[str]]:
    """Every `manage.py COMMAND ...` of compose.yaml, in words."""
    lines: list[str] = []
    for service in SERVICES.values():
        lines += [
            " ".join(service.get("command", [])),
            " ".join(service.get("healthcheck", {}).get("test", [])),
        ]
    return [found.split() for line in lines for found in re.findall(r"manage\.py ([^&]+)", line)]


@pytest.mark.parametrize("words", managed(), ids=" ".join)
def test_the_commands_are_ours_and_take_these_options(words: list[str]) -> None:
    name, *options = words
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(options)


def test_secrets_are_required_and_none_is_written_down() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert re.findall(rf"\$\{{{name}(..)", TEXT)
        assert set(re.findall(rf"\$\{{{name}(..)", TEXT)) == {":?"}
        assert f"{name}=" not in example
    assert ".env*" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_example_names_every_variable() -> None:
    example = (ROOT / ".env.example").read_text()
    read = set(re.findall(r"\$\{(\w+)", TEXT)) - {"SECURE_SSL_REDIRECT"}  # a moment's choice, not a machine's
    assert {name for name in read if name not in example} == set()


def test_a_container_is_killed_only_after_gunicorn_gave_up_waiting() -> None:
    assert int(SERVICES["web"]["stop_grace_period"].removesuffix("s")) > gunicorn.graceful_timeout


def test_gunicorn_listens_to_this_machine_alone_unless_it_is_a_container() -> None:
    assert gunicorn.bind == "127.0.0.1:8000"
    ran = re.search(r"^CMD (\[.*\])", (ROOT / "Dockerfile").read_text(), re.M)
    assert ran
    assert json.loads(ran[1]) == ["python", "-m", "config.serve", "--bind", "0.0.0.0:8000"]
