"""What views of permissions share: change something by the rules, and say how that went."""

from collections.abc import Callable

from accounts.forms import AccountForm
from eventstore.decider import Refused
from pages.respond import StaffRequest, tell_done, tell_refused


def carry_out(
    request: StaffRequest, form: AccountForm, change: Callable[[], object], *, action: str, about: str
) -> bool:
    """Make the change when the form is valid and no rule forbids it. Tell the user either way, with what
    it is `about`."""
    form.about = lambda: about
    if form.is_valid() and form.is_sure():
        try:
            change()
        except Refused as refusal:
            form.refuse(str(refusal))
        else:
            tell_done(request, action, about)
            return True
    tell_refused(request, form, action=action)
    return False
