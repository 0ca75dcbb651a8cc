"""Forms that stand for what is asked of a site."""

import re
from collections.abc import Iterable

from django.urls import reverse

from pages.command_form import CommandForm
from pages.fields import line
from pages.question import Question, twin
from readmodels.models import SiteRow
from readmodels.queries import twins
from readmodels.queries.sites import open_jobs_at
from sites.commands import AcquireSite, CorrectSite, RelinquishSite
from spelling.line import plain_number

NUMBER = re.compile(r"[\d\s()+/.\-]+")


class ParticularsForm(CommandForm):
    """The address and telephone number of a site. The number is kept as it was typed, with plain signs."""

    address_line_1 = line(
        "Address line 1", 200, required="Site must have an address line 1", **{"data-key": "n"}
    )
    town = line("Town", 100, required="Site must have a town")
    post_code = line("Post code", 20, required="Site must have a post code", autocapitalize="characters")
    telephone_number = line(
        "Telephone number", 40, required="Site must have a telephone number", inputmode="tel"
    )
    faults = {
        "Site must have an address line 1": "address_line_1",
        "Site must have a town": "town",
        "Site must have a post code": "post_code",
        "Site must have a telephone number": "telephone_number",
    }

    def clean(self) -> None:
        if number := plain_number(self.cleaned_data.get("telephone_number", "")):
            self.cleaned_data["telephone_number"] = number
            self.check_number(number)

    def check_number(self, number: str) -> None:
        """Refuse what nobody could dial; short numbers such as 311 are numbers."""
        if not NUMBER.fullmatch(number):
            self.add_error("telephone_number", "Use digits, spaces and + ( ) / . - only")
        elif len(re.sub(r"\D", "", number)) < 3:
            self.add_error("telephone_number", "Give at least 3 digits")

    def questions(self) -> Iterable[Question]:
        """Asks whether this is another site than the one at this address."""
        given = self.cleaned_data
        found = twins.site(given["address_line_1"], given["post_code"], self.own or given["command_id"])
        if found:
            yield twin(found, reverse("administration-site", args=[found.pk]))

    @property
    def particulars(self) -> dict[str, str]:
        """The four lines, by name."""
        return {name: self.cleaned_data[name] for name in self.faults.values()}


class AcquireForm(ParticularsForm):
    """The new site's id is the form's command id, so that the form sent twice acquires once."""

    def to_command(self) -> AcquireSite:
        return AcquireSite(site_id=self.cleaned_data["command_id"], **self.particulars)


class CorrectForm(ParticularsForm):
    """What is right from now on."""

    def to_command(self, site: SiteRow) -> CorrectSite:
        return CorrectSite(site_id=site.site_id, **self.particulars)


class RelinquishForm(CommandForm):
    """No fields; how much work is open there is looked up when it is sent."""

    def to_command(self, site: SiteRow) -> RelinquishSite:
        open_jobs = open_jobs_at([site.site_id]).get(site.site_id, 0)
        return RelinquishSite(site_id=site.site_id, open_jobs=open_jobs)
