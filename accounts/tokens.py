"""Tokens: the secrets with which programs sign in, each as itself and with only its own features."""

import logging
import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256

from django.db import DatabaseError, IntegrityError, InterfaceError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.features import Feature
from accounts.models import Token, User
from accounts.rules import Principal
from eventstore.database.sql import not_waiting
from eventstore.decider import Refused
from spelling.line import trimmed
from spelling.name_order import sort_key

logger = logging.getLogger(__name__)

PREFIX = "callout_"
"""Every secret begins with this, so that scanners for leaked secrets recognise it."""
KEPT = len(PREFIX) + 8
"""How much of a secret is kept to tell tokens apart: 32 bits of 256."""
SELDOM = timedelta(minutes=1)
"""A use is noted if the last note is at least this old, so that not every request writes."""

SAME_NAME = "There is already a token of this name"
PAST = "The last day has passed already"


def hash_of(secret: str) -> str:
    """What is kept of a secret. The secret is 256 random bits, which cannot be guessed at any speed. A
    slow hash, which passwords need, would only slow down every request."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def make(
    name: str, features: Iterable[Feature], by: Principal, ends: date | None = None
) -> tuple[Token, str]:
    """A new token and its secret, which nobody can read again. `ends` is its last day. Raises Refused."""
    if ends is not None and ends < timezone.localdate():
        raise Refused(PAST)
    wanted = set(features)
    secret = PREFIX + secrets.token_hex(32)
    token = Token(
        features=[feature.value for feature in Feature if feature in wanted],
        secret_hash=hash_of(secret),
        secret_begins=secret[:KEPT],
        made_by=by.actor,
        maker=by if isinstance(by, User) else None,
        ends_on=ends,
    )
    rename(token, name)
    return token, secret


def rename(token: Token, name: str) -> None:
    """Give the token another name. Histories show the new name, also for what was done before. Raises
    Refused."""
    token.name = trimmed(name)
    if not token.name:
        raise Refused("Token must have a name")
    try:
        with transaction.atomic():
            # The name only: somebody may revoke the token at this moment.
            token.save(update_fields=["name"] if token.pk else None)
    except IntegrityError:
        raise Refused(SAME_NAME) from None


def revoke(token: Token, by: Principal) -> None:
    """Revoke it at once and for good. A token that was revoked before stays as it was."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by.actor)


def program_of(secret: str) -> Token | None:
    """The program with this secret; None if the token is unknown, ended or revoked, or if its maker can no
    longer sign in."""
    if not secret.startswith(PREFIX):
        return None
    unrevoked = Token.objects.filter(secret_hash=hash_of(secret), revoked_at=None)
    token = unrevoked.select_related("maker").first()
    return None if token is None or token.is_ended or token.is_left_behind else token


def stopping_with(user: User) -> list[Token]:
    """The programs that are let in only as long as this person can sign in, by name."""
    found = Token.objects.filter(maker=user, revoked_at=None)
    return sorted((each for each in found if not each.is_ended), key=lambda each: sort_key(each.name))


def mark_used(token: Token) -> None:
    """Note that it is used. Never fails and never waits: the program's request matters more."""
    now = timezone.now()
    if token.used_at is not None and now - token.used_at < SELDOM:
        return
    # Of several requests at the same moment one writes.
    due = Q(used_at=None) | Q(used_at__lte=now - SELDOM)
    try:
        with not_waiting():
            free = Token.objects.filter(due, pk=token.pk).select_for_update(skip_locked=True)
            Token.objects.filter(pk__in=free.values("pk")).update(used_at=now)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The use of %s could not be noted: %s", token.actor, type(error).__name__)
