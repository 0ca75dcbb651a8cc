"""Forms of sign-in and permissions."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.forms.models import ModelChoiceIterator
from django.urls import reverse
from django.utils import timezone

from accounts.features import Feature
from accounts.models import Role, Token, User
from accounts.permissions import SAME_ROLE
from accounts.tokens import PAST, SAME_NAME
from pages.command_form import CommandForm
from pages.day_range import day
from pages.fields import GONE, TOO_LONG, line
from pages.question import Question, twin
from readmodels.models import OperativeRow
from readmodels.queries.names import Names
from readmodels.queries.twins import alike
from spelling.fold import fold
from spelling.name_order import sort_key

NO_USERNAME, NO_PASSWORD = "Give a username", "Give a password"
USERNAME_TAKEN = "Somebody already signs in with this username"


class SignInForm(AuthenticationForm):
    """Does not say whether the name or the password was wrong, nor whether the person is known."""

    error_messages = {
        "invalid_login": "The username or the password is wrong",
        "inactive": "The username or the password is wrong",
    }


class AccountForm(CommandForm):
    """Reports faults like the forms of commands. Identity is not event-sourced: no command, no id."""

    command_id = None  # type: ignore[assignment]

    def renew(self) -> None:
        """Does nothing: there is no id."""


def ticks(**attrs: str) -> forms.CheckboxSelectMultiple:
    """Boxes of which several can be ticked."""
    return forms.CheckboxSelectMultiple(attrs={"class": "form-check-input", **attrs})


class RoleForm(AccountForm):
    """A name and features."""

    name = line("Name", 60, required="Role must have a name")
    features = forms.MultipleChoiceField(
        choices=[(feature.value, feature.label) for feature in Feature],
        required=False,
        widget=ticks(),
        error_messages={"invalid_choice": GONE},
    )
    faults = {"Role must have a name": "name", SAME_ROLE: "name"}

    def clean_name(self) -> str:
        """Checked here as well as by the rule, so that all faults of the form are reported at once."""
        name: str = self.cleaned_data["name"]
        taken = Role.objects.filter(name__iexact=name).values_list("pk", flat=True)
        if any(each != self.own for each in taken):
            raise forms.ValidationError(SAME_ROLE)
        return name

    def questions(self) -> Iterable[Question]:
        """Asks whether this is another role than the one whose name is spelt nearly the same. The rule
        refuses the very same name."""
        name, others = self.cleaned_data["name"], Role.objects.exclude(name__iexact=self.cleaned_data["name"])
        if found := alike(others, lambda row: fold(row.name), fold(name), self.own):
            yield twin(found, reverse("role", args=[found.pk]))

    @property
    def chosen(self) -> list[Feature]:
        """The features that the role shall have."""
        return [Feature(value) for value in self.cleaned_data["features"]]


class InNameOrder(ModelChoiceIterator):
    """Roles in the order in which people look for them; a database does not sort names so."""

    def __iter__(self) -> Iterator[Any]:
        yield from sorted(super().__iter__(), key=lambda choice: sort_key(str(choice[1])))


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in its stubs alone
    """Some of the existing roles."""

    iterator = InNameOrder

    def __init__(self) -> None:
        super().__init__(
            Role.objects.all(), required=False, widget=ticks(), error_messages={"invalid_choice": GONE}
        )


class RolesForm(AccountForm):
    """The roles that somebody has."""

    roles = RolesField()


class LinkForm(AccountForm):
    """The operative that somebody is: one who is employed, or the one that they already are."""

    operative_id = forms.ChoiceField(
        label="Operative",
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": GONE},
    )

    def __init__(self, *args: Any, operatives: list[OperativeRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Names.of_namesakes(operatives)
        gone = {each.pk: " (released)" if each.released_at else "" for each in operatives}
        named = [(str(each.pk), f"{names.whole(each)}{gone[each.pk]}") for each in operatives]
        field = self.fields["operative_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "No operative"), *named]

    def refuse(self, sentence: str) -> None:
        """Everything that can be refused here is about the operative."""
        self.add_error("operative_id", sentence)

    @property
    def operative(self) -> UUID | None:
        """The operative that was chosen."""
        chosen = self.cleaned_data["operative_id"]
        return UUID(chosen) if chosen else None


class PasswordForm(AccountForm):
    """A password that Django's validators accept for this person."""

    password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        help_text="At least 8 characters; no common password, and nothing like the username or the name",
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
        error_messages={"required": NO_PASSWORD, "max_length": TOO_LONG},
    )
    faults = {NO_PASSWORD: "password"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        """Check the password together with what else is known of the person."""
        given: dict[str, Any] = self.cleaned_data
        if "password" in given:
            try:
                validate_password(given["password"], self.user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class PersonForm(PasswordForm):
    """A new person."""

    username = line("Username", 150, required=NO_USERNAME, autocapitalize="none")
    first_name = line("Forename", 150)
    last_name = line("Surname", 150)
    roles = RolesField()
    field_order = ("username", "first_name", "last_name", "password", "roles")
    faults = {
        **PasswordForm.faults,
        NO_USERNAME: "username",
        USERNAME_TAKEN: "username",
        "Somebody has just been given this username": "username",
    }

    def clean_username(self) -> str:
        """Refuses a username that differs from another only in capitals: signing in distinguishes
        capitals, people do not."""
        username: str = User.normalize_username(self.cleaned_data["username"])
        User.username_validator(username)
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(USERNAME_TAKEN)
        return username

    def questions(self) -> Iterable[Question]:
        """Asks whether this is somebody else than the person with the same name."""
        name = fold(f"{self.cleaned_data['first_name']} {self.cleaned_data['last_name']}")
        found = alike(User.objects.all(), lambda row: fold(row.get_full_name()), name, None)
        if name and found:
            yield twin(found, reverse("person", args=[found.pk]))

    def clean(self) -> dict[str, Any]:
        """The names are cleaned before the password is checked."""
        for name in ("username", "first_name", "last_name"):
            setattr(self.user, name, self.cleaned_data.get(name, ""))
        return super().clean()


class TokenNameForm(AccountForm):
    """What a program is called."""

    name = line("Name", 60, required="Token must have a name")
    faults = {"Token must have a name": "name", SAME_NAME: "name"}

    def questions(self) -> Iterable[Question]:
        """Asks whether this is for another program than the one whose name is spelt nearly the same. The
        rule refuses the very same name."""
        name = self.cleaned_data["name"]
        others = Token.objects.filter(revoked_at=None).exclude(name__iexact=name)
        if found := alike(others, lambda row: fold(row.name), fold(name), self.own):
            yield twin(found, reverse("token", args=[found.pk]))


class TokenForm(TokenNameForm):
    """A new token: for which program, what it may do, and until when."""

    features = forms.MultipleChoiceField(
        choices=[(feature.value, feature.label) for feature in Feature],
        required=False,
        widget=ticks(),
        error_messages={"invalid_choice": GONE},
    )
    ends = day("Last day")
    faults = {**TokenNameForm.faults, PAST: "ends"}

    def clean_name(self) -> str:
        """Checked here as well as by the rule, so that all faults of the form are reported at once."""
        name: str = self.cleaned_data["name"]
        if Token.objects.filter(name__iexact=name.strip(), revoked_at=None).exists():
            raise forms.ValidationError(SAME_NAME)
        return name

    def clean_ends(self) -> date | None:
        ends: date | None = self.cleaned_data["ends"]
        if ends is not None and ends < timezone.localdate():
            raise forms.ValidationError(PAST)
        return ends

    @property
    def chosen(self) -> list[Feature]:
        """What the program may do."""
        return [Feature(value) for value in self.cleaned_data["features"]]


class NoForm(AccountForm):
    """A form without fields."""
