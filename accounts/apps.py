from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.session_life import begin

        user_logged_in.connect(begin, dispatch_uid="session life")
