"""Tokens: what a program may do with one, until when, and what is stored of it."""

import logging
import re
from datetime import timedelta
from hashlib import sha256
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import permissions, rules, tokens
from accounts.features import Feature
from accounts.models import Token, User
from accounts.names import names_of
from accounts.rules import Principal
from eventstore.decider import Refused
from tests.eventstore.threads import PATIENCE, Beside

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse(administration: User) -> tuple[Token, str]:
    """A program that may keep the catalogue, and its secret."""
    return tokens.make("Warehouse", [Feature.MANAGE_PRODUCTS], administration)


def used_at(token: Token) -> object:
    return Token.objects.get(pk=token.pk).used_at


def test_a_secret_leads_to_its_program_with_one_query(warehouse: tuple[Token, str]) -> None:
    token, secret = warehouse
    with CaptureQueriesContext(connection) as queries:
        found = tokens.program_of(secret)
    assert found == token
    assert len(queries) == 1


def test_no_secret_is_like_another(administration: User) -> None:
    made = {tokens.make(f"Program {number}", [], administration)[1] for number in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"callout_[0-9a-f]{64}", secret) for secret in made)


def test_a_program_is_a_principal_with_no_features_but_its_own(warehouse: tuple[Token, str]) -> None:
    program: Principal = warehouse[0]
    assert program.actor == f"token-{warehouse[0].pk}"
    assert (program.is_superuser, program.operative_id) == (False, None)
    assert [feature for feature in Feature if feature in program.features] == [Feature.MANAGE_PRODUCTS]
    assert rules.MANAGE_PRODUCTS.allows(program, {})
    assert rules.SEE_WORK.allows(program, {})
    assert not rules.SUPERUSER.allows(program, {})
    assert not rules.MANAGE_SITES.allows(program, {})


def test_with_do_work_it_still_is_no_operative(administration: User, operative: User) -> None:
    program, _ = tokens.make("Telephone", [Feature.DO_WORK], administration)
    assert not rules.SEE_QUEUE.allows(program, {"operative_id": operative.operative_id})
    assert not rules.SEE_QUEUE.allows(program, {"operative_id": None})


def test_a_feature_that_this_code_does_not_know_allows_nothing(warehouse: tuple[Token, str]) -> None:
    token, secret = warehouse
    Token.objects.filter(pk=token.pk).update(features=["fly", "manage_products"])
    program = tokens.program_of(secret)
    assert program
    assert [feature for feature in Feature if program.may(feature)] == [Feature.MANAGE_PRODUCTS]


def test_no_secret_is_stored(warehouse: tuple[Token, str], capsys: pytest.CaptureFixture[str]) -> None:
    _, secret = warehouse
    call_command("dumpdata", "accounts")
    kept = capsys.readouterr().out
    assert secret not in kept
    assert secret[16:] not in kept
    assert sha256(secret.encode()).hexdigest() in kept
    assert f'"secret_begins": "{secret[:16]}"' in kept


@pytest.mark.parametrize(
    "secret", ["", "callout_", "callout_" + "0" * 64, "Warehouse", "callout_\udcff", "ü"]
)
def test_a_text_that_is_no_secret_leads_nowhere(warehouse: tuple[Token, str], secret: str) -> None:
    assert tokens.program_of(secret) is None


def test_neither_a_hash_nor_what_is_shown_of_a_secret_opens_anything(warehouse: tuple[Token, str]) -> None:
    token, secret = warehouse
    for near in (token.secret_hash, token.secret_begins, secret.upper(), f"{secret} ", secret[:-1]):
        assert tokens.program_of(near) is None


def test_a_revoked_token_lets_nobody_in_from_then_on(
    warehouse: tuple[Token, str], administration: User
) -> None:
    token, secret = warehouse
    assert tokens.program_of(secret)
    tokens.revoke(token, administration)
    assert tokens.program_of(secret) is None


def test_a_token_is_revoked_once(warehouse: tuple[Token, str], administration: User, root: User) -> None:
    token, _ = warehouse
    tokens.revoke(token, administration)
    first = Token.objects.get()
    tokens.revoke(token, root)
    assert (first.revoked_by, first.revoked_at) == (administration.actor, Token.objects.get().revoked_at)
    assert Token.objects.get().revoked_by == administration.actor


def test_renaming_does_not_bring_back_what_somebody_revokes_meanwhile(
    warehouse: tuple[Token, str], administration: User
) -> None:
    token, secret = warehouse
    tokens.revoke(token, administration)
    tokens.rename(token, "Depot")
    assert Token.objects.get().name == "Depot"
    assert tokens.program_of(secret) is None


def test_a_token_is_good_on_its_last_day_and_not_on_the_next(administration: User) -> None:
    today = timezone.localdate()
    token, secret = tokens.make("Warehouse", [], administration, today)
    assert tokens.program_of(secret) == token
    Token.objects.update(ends_on=today - timedelta(days=1))
    assert tokens.program_of(secret) is None


def test_a_last_day_in_the_past_is_refused(administration: User) -> None:
    with pytest.raises(Refused, match="The last day has passed already"):
        tokens.make("Warehouse", [], administration, timezone.localdate() - timedelta(days=1))
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("", "Token must have a name"), ("  ", "Token must have a name"), (" WAREHOUSE ", tokens.SAME_NAME)],
)
def test_a_name_is_wanted_that_no_other_token_has(
    warehouse: tuple[Token, str], administration: User, name: str, refusal: str
) -> None:
    with pytest.raises(Refused, match=refusal):
        tokens.make(name, [], administration)
    assert Token.objects.count() == 1


def test_the_name_of_a_revoked_token_is_free(warehouse: tuple[Token, str], administration: User) -> None:
    tokens.revoke(warehouse[0], administration)
    _, secret = tokens.make("Warehouse", [], administration)
    assert tokens.program_of(secret) is not None


def test_a_token_is_good_as_long_as_its_maker_can_sign_in(
    warehouse: tuple[Token, str], administration: User, root: User
) -> None:
    token, secret = warehouse
    assert tokens.stopping_with(administration) == [token]
    permissions.set_active(administration, active=False, by=root)
    assert tokens.program_of(secret) is None
    assert Token.objects.get().state == "Stopped"
    permissions.set_active(administration, active=True, by=root)
    assert tokens.program_of(secret) == token
    administration.delete()
    assert tokens.program_of(secret) is None


def test_the_makers_of_older_tokens_are_found(warehouse: tuple[Token, str]) -> None:
    token, secret = warehouse
    unknown, _ = tokens.make("Depot", [], token)
    Token.objects.update(maker=None)
    migration = import_module("accounts.migrations.0005_makers_of_tokens")
    migration.find_makers(apps, None)
    assert tokens.program_of(secret) == token
    assert Token.objects.get(pk=unknown.pk).maker is None


def test_the_last_use_is_written_at_most_once_a_minute(warehouse: tuple[Token, str]) -> None:
    token, secret = warehouse
    assert token.state == "Never used"

    def use() -> int:
        program = tokens.program_of(secret)
        assert program
        with CaptureQueriesContext(connection) as queries:
            tokens.mark_used(program)
        return len([each for each in queries if each["sql"].startswith("UPDATE")])

    assert [use(), use(), use()] == [1, 0, 0]
    first = used_at(token)
    assert Token.objects.get().state == "In use"
    Token.objects.update(used_at=timezone.now() - timedelta(seconds=61))
    assert [use(), use()] == [1, 0]
    assert used_at(token) != first


def test_of_requests_at_the_same_moment_one_writes(warehouse: tuple[Token, str]) -> None:
    token, secret = warehouse
    both = [tokens.program_of(secret), tokens.program_of(secret)]
    written = []
    for program in both:
        assert program
        tokens.mark_used(program)
        written.append(used_at(token))
    assert written[0] == written[1]


def test_a_last_use_that_cannot_be_written_fails_nothing(
    warehouse: tuple[Token, str], caplog: pytest.LogCaptureFixture
) -> None:
    token, secret = warehouse
    program = tokens.program_of(secret)
    assert program
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_token RENAME COLUMN used_at TO gone")
        with caplog.at_level(logging.WARNING):
            tokens.mark_used(program)
        cursor.execute("ALTER TABLE accounts_token RENAME COLUMN gone TO used_at")
    assert used_at(token) is None
    assert f"The use of {token.actor} could not be noted" in caplog.text
    assert secret not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_the_last_use_is_noted(warehouse: tuple[Token, str]) -> None:
    """Somebody else has changed the row and not yet committed; on SQLite this locks the whole file."""
    token, secret = warehouse
    patience = (
        "SET lock_timeout = 0" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 3600000"
    )

    def use() -> None:
        program = tokens.program_of(secret)
        assert program
        with connection.cursor() as cursor:
            cursor.execute(patience)
        tokens.mark_used(program)

    with Beside(1) as beside:
        with transaction.atomic():
            tokens.rename(token, "Held")
            beside.run(use).result(PATIENCE)
        assert used_at(token) is None
        beside.run(use).result(PATIENCE)
    assert used_at(token) is not None


def test_histories_name_programs_among_people(warehouse: tuple[Token, str], administration: User) -> None:
    token, _ = warehouse
    actors = [token.actor, administration.actor, "token-0", "token-x", "reaction orders"]
    assert names_of(actors) == {
        token.actor: "Warehouse (program)",
        administration.actor: "Administration",
        "token-0": "token-0",
        "token-x": "token-x",
        "reaction orders": "reaction orders",
    }
    tokens.revoke(token, administration)
    assert names_of([token.actor])[token.actor] == "Warehouse (program)"
