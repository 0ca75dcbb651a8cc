"""Whose session it is."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db.models import F

from accounts.attempts import is_one_too_many, was_right
from accounts.models import User, features_of


class Backend(ModelBackend):
    """Django's own backend, but it loads a person together with what their roles allow: every page needs
    both, and this takes one query."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **others: Any
    ) -> Any:
        """The person with this name and this password. Raises PermissionDenied for an address that has
        sent too many."""
        if request is not None and is_one_too_many(request):
            raise PermissionDenied
        user = super().authenticate(request, username, password, **others)
        if request is not None and user is not None:
            was_right(request)
        return user

    def get_user(self, user_id: Any) -> User | None:
        rows = list(User.objects.filter(pk=user_id).annotate(allowed=F("roles__features")))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        user = rows[0]
        if not user.is_superuser:
            user.features = features_of([row.allowed for row in rows if row.allowed is not None])
        return user
