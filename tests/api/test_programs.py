"""Every operation, called by a program: by the same rules as for people, and only by its token."""

from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.features import Feature
from accounts.models import Token, User
from eventstore.models import StoredEvent
from readmodels.models import WorkRow
from support.work import Stage
from tests import factories
from tests.api.calls import ask, problem_of, send
from tests.api.operations import DOORS
from tests.api.test_rules import OF_THEIR_OWN
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db


def program(root: User, *features: Feature) -> tuple[Token, Client]:
    """A program with these features, and a client without cookies."""
    token, secret = tokens.make(f"Program {len(features)}", features, root)
    return token, Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def known(db: None) -> dict[str, Any]:
    """Something for every parameter of an address."""
    return factories.one_of_each(factories.hire("Olive", "Marsh"))


@pytest.mark.parametrize("name", sorted(DOORS))
def test_an_operation_is_open_to_programs_whom_its_rule_allows(
    name: str, root: User, known: dict[str, Any]
) -> None:
    each = DOORS[name]
    for features in ((), tuple(Feature), *((feature,) for feature in Feature)):
        Token.objects.all().delete()
        token, browser = program(root, *features)
        if name in OF_THEIR_OWN and features == (Feature.DO_WORK,):
            continue
        answer = each.knock(browser, known)
        assert (answer.status_code != 403) == each.rule.allows(token, known), (features, answer.content)
        assert answer.status_code in {200, 201, 400, 403, 404, 409}, answer.content


def test_what_a_program_does_goes_under_its_name(root: User) -> None:
    token, browser = program(root, Feature.RAISE_WORK)
    body = {"title": "Boiler out", "description": "Cold", "site_ids": [str(factories.acquire())]}
    raised = send(browser, "/work", body).json()
    assert StoredEvent.objects.get(position=raised["position"]).actor == token.actor
    assert WorkRow.objects.get().raised_by == token.actor


def test_a_program_is_no_operative(root: User) -> None:
    """With only Do work it has no work of its own."""
    _, browser = program(root, Feature.DO_WORK)
    work_id = factories.work_at(Stage.ASSIGNED)
    problem_of(send(browser, f"/work/{work_id}/dispatch"), 403)


def test_a_revoked_token_opens_nothing(root: User) -> None:
    token, browser = program(root, *Feature)
    assert ask(browser, "/work").status_code == 200
    tokens.revoke(token, root)
    problem_of(ask(browser, "/work"), 401)


def test_a_token_counts_and_not_who_sits_at_the_browser(root: User, stranger: User) -> None:
    _, secret = tokens.make("Nothing", [], root)
    browser = browser_of(root)
    problem_of(ask(browser, "/operatives", Authorization=f"Bearer {secret}"), 403)
    _, secret = tokens.make("Crew", [Feature.DO_WORK], root)
    answer = ask(browser_of(stranger), "/operatives", Authorization=f"Bearer {secret}")
    assert answer.status_code == 200
