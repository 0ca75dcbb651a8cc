"""Forms that stand for what is asked of a site."""

import re

from django import forms

from pages.command_form import CommandForm
from readmodels.models import SiteRow
from readmodels.queries.sites import open_jobs_at
from sites.commands import AcquireSite, CorrectSite, RelinquishSite

NUMBER = re.compile(r"[\d\s()+/.\-]+")


def particular(label: str, max_length: int, **attrs: str) -> forms.CharField:
    """A line about a site. A blank one goes through: whether it must be given is the site's own rule."""
    text = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attrs})
    return forms.CharField(label=label, max_length=max_length, required=False, widget=text)


class ParticularsForm(CommandForm):
    """Where the site is and how it is called. The number is kept as it was typed."""

    address_line_1 = particular("Address line 1", 200, **{"data-key": "n"})
    town = particular("Town", 100)
    post_code = particular("Post code", 20, autocapitalize="characters")
    telephone_number = particular("Telephone number", 40, inputmode="tel")
    faults = {
        "Site must have an address line 1": "address_line_1",
        "Site must have a town": "town",
        "Site must have a post code": "post_code",
        "Site must have a telephone number": "telephone_number",
    }

    def clean_telephone_number(self) -> str:
        """Refuse what nobody could dial; short numbers such as 311 are numbers."""
        number: str = self.cleaned_data["telephone_number"]
        if not number:
            return number
        if not NUMBER.fullmatch(number):
            raise forms.ValidationError("Use digits, spaces and + ( ) / . - only")
        if len(re.sub(r"\D", "", number)) < 3:
            raise forms.ValidationError("Give at least 3 digits")
        return number

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
    """Nothing to fill in; how much work is open there is looked up when it is sent."""

    def to_command(self, site: SiteRow) -> RelinquishSite:
        open_jobs = open_jobs_at([site.site_id]).get(site.site_id, 0)
        return RelinquishSite(site_id=site.site_id, open_jobs=open_jobs)
