"""People and programs, and what they may do. Ordinary tables: identity is not event-sourced."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.features import Feature
from spelling.name_order import sort_key


def only_features(value: Any) -> None:
    """Refuse what is not a list of feature names."""
    if not isinstance(value, list) or not set(value) <= set(Feature):
        raise ValidationError("A role is made of features")


def features_of(held: Iterable[list[str]]) -> frozenset[Feature]:
    """What several roles allow together. Names that this code does not know (future or former features)
    allow nothing."""
    names = {name for features in held for name in features}
    return frozenset(feature for feature in Feature if feature in names)


def labels_of(features: list[str]) -> list[str]:
    """Stored features, as text for people."""
    return [feature.label for feature in Feature if feature in features]


class Role(models.Model):
    """A name for features that belong together."""

    name = models.CharField(max_length=60, unique=True)
    features = models.JSONField(default=list, blank=True, validators=[only_features])

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def labels(self) -> list[str]:
        """What the role allows, as text for people."""
        return labels_of(self.features)


class User(AbstractUser):
    """A person who signs in. `operative_id` is the operative that they are, if they are one."""

    roles = models.ManyToManyField(Role, blank=True, related_name="users")
    operative_id = models.UUIDField(null=True, blank=True, unique=True)

    @property
    def roles_by_name(self) -> list[Role]:
        """Their roles, in the order in which people look for names."""
        return sorted(self.roles.all(), key=lambda role: sort_key(role.name))

    @cached_property
    def features(self) -> frozenset[Feature]:
        """Everything that this person's roles allow; a superuser may do everything."""
        if self.is_superuser:
            return frozenset(Feature)
        return features_of(self.roles.values_list("features", flat=True))

    def may(self, *features: Feature) -> bool:
        """Whether this person has any of these features."""
        return not self.features.isdisjoint(features)

    @property
    def actor(self) -> str:
        """How events name this person: by a key, so that no event holds a name."""
        return f"user-{self.pk}"

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Token(models.Model):
    """A program that signs in with a secret, of which only the hash is kept (accounts/tokens.py).

    It acts as itself, but is let in only as long as its maker can sign in, because its maker has read the
    secret. A revoked token is kept, because histories go on naming it.
    """

    name = models.CharField(max_length=60)
    features = models.JSONField(default=list, blank=True, validators=[only_features])
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    secret_begins = models.CharField(max_length=20, editable=False)
    made_by = models.CharField(max_length=120)
    maker = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.SET_NULL, related_name="tokens"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    ends_on = models.DateField(null=True, blank=True)
    revoked_by = models.CharField(max_length=120, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    # No program may do everything, and none is an operative.
    is_superuser = False
    operative_id: UUID | None = None

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=models.Q(revoked_at__isnull=True),
                name="token_name_while_not_revoked",
            )
        ]

    def __str__(self) -> str:
        """The name in histories, among those of people."""
        return f"{self.name} (program)"

    @property
    def actor(self) -> str:
        """How events name this program."""
        return f"token-{self.pk}"

    def may(self, *features: Feature) -> bool:
        """Whether the program has any of these features."""
        return not features_of([self.features]).isdisjoint(features)

    @property
    def labels(self) -> list[str]:
        """What the program may do, as text for people."""
        return labels_of(self.features)

    @property
    def is_ended(self) -> bool:
        """Whether its last day has passed."""
        return self.ends_on is not None and self.ends_on < timezone.localdate()

    @property
    def is_left_behind(self) -> bool:
        """Whether its maker can no longer sign in."""
        return self.maker is None or not self.maker.is_active

    @property
    def state(self) -> str:
        """Its state, as text for people."""
        if self.revoked_at:
            return "Revoked"
        if self.is_ended:
            return "Ended"
        if self.is_left_behind:
            return "Stopped"
        return "In use" if self.used_at else "Never used"
