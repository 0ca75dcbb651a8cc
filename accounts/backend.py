"""Who a session belongs to."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import F

from accounts.models import User, features_of


class Backend(ModelBackend):
    """Django's own, but a person comes with what their roles allow: every page asks for both, and this way
    in one query."""

    def get_user(self, user_id: Any) -> User | None:
        rows = list(User.objects.filter(pk=user_id).annotate(allowed=F("roles__features")))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        user = rows[0]
        if not user.is_superuser:
            user.features = features_of([row.allowed for row in rows if row.allowed is not None])
        return user
