"""People, and what their roles allow them. Ordinary tables: identity is not event-sourced."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property

from accounts.features import Feature


def only_features(value: Any) -> None:
    """Refuse what is not a list of feature names."""
    if not isinstance(value, list) or not set(value) <= set(Feature):
        raise ValidationError("A role is made of features")


def features_of(held: Iterable[list[str]]) -> frozenset[Feature]:
    """What several roles allow together. Names that this code does not know, of features to come or gone
    by, allow nothing."""
    names = {name for features in held for name in features}
    return frozenset(feature for feature in Feature if feature in names)


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
        """What the role allows, as people say it."""
        return [feature.label for feature in Feature if feature in self.features]


class User(AbstractUser):
    """Somebody who signs in. `operative_id` is the operative that they are, if they are one."""

    roles = models.ManyToManyField(Role, blank=True, related_name="users")
    operative_id = models.UUIDField(null=True, blank=True, unique=True)

    @cached_property
    def features(self) -> frozenset[Feature]:
        """Everything that this person's roles allow; a superuser may do everything."""
        if self.is_superuser:
            return frozenset(Feature)
        return features_of(self.roles.values_list("features", flat=True))

    def may(self, *features: Feature) -> bool:
        """Whether any of these features is theirs."""
        return not self.features.isdisjoint(features)

    @property
    def actor(self) -> str:
        """How events name this person: by a key, so that no event holds a name."""
        return f"user-{self.pk}"

    def __str__(self) -> str:
        return self.get_full_name() or self.username
