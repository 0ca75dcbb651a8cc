"""Keeps a card's number out of error reports."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from pages.secret_fields import is_secret


class WithoutCard(SafeExceptionReporterFilter):
    """For every report, wherever the error was: before a view is reached, nobody has said yet what is
    secret.

    Secret fields are always left out. For a request that sends something, in production, the values of
    variables are left out too: they may be the body itself.
    """

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        return self.get_cleansed_multivaluedict(request, super().get_post_parameters(request))

    def get_cleansed_multivaluedict(self, request: Any, multivaluedict: Any) -> Any:
        given = super().get_cleansed_multivaluedict(request, multivaluedict).copy()
        for name in [each for each in given if is_secret(each)]:
            given[name] = self.cleansed_substitute
        return given

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        if request is not None and request.method == "POST" and self.is_active(request):
            return self.names_alone(tb_frame)
        return super().get_traceback_frame_variables(request, tb_frame)

    def names_alone(self, frame: FrameType) -> ItemsView[str, Any]:
        return dict.fromkeys(frame.f_locals, self.cleansed_substitute).items()


class NamesAlone(WithoutCard):
    """Reports the names of variables, never their values, in development too: a number that was typed goes
    through many functions, and those of Django cannot be marked one by one."""

    def get_traceback_frame_variables(
        self,
        request: HttpRequest | None,  # noqa: ARG002
        tb_frame: FrameType,
    ) -> ItemsView[str, Any]:
        return self.names_alone(tb_frame)
