"""Sites, as the API shows them and takes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.reads import Listed, PageWanted
from api.shapes import CURSOR, Sent, Text, entered, such_as, when
from api.shapes.history import Happened, happened_as
from api.shapes.ids import SITE, SiteId
from readmodels.models import SiteRow
from readmodels.time_travel import Moment
from sites.events import SiteAcquired
from sites.forms import ParticularsForm


class Particulars(Sent):
    """Where a site is and how it is called; always all of it."""

    address_line_1: str = entered(ParticularsForm, "address_line_1", "House and street.", "1 Harbour Street")
    town: str = entered(ParticularsForm, "town", "Town.", "Whitby")
    post_code: str = entered(ParticularsForm, "post_code", "Post code.", "YO21 1AA")
    telephone_number: str = entered(
        ParticularsForm,
        "telephone_number",
        "At least 3 digits; spaces and + ( ) / . - between them.",
        "01947 600001",
        said={"minLength": 3},
    )


class SiteAsItWas(BaseModel):
    """A site at some moment."""

    id: SiteId
    address_line_1: str = Field(description="House and street.", examples=["1 Harbour Street"])
    town: str = Field(description="Town.", examples=["Whitby"])
    post_code: str = Field(description="Post code.", examples=["YO21 1AA"])
    telephone_number: str = Field(description="As it was given.", examples=["01947 600001"])
    acquired_at: datetime = when("When it was acquired.", "2025-01-06T09:00:00Z")
    relinquished_at: datetime | None = when(
        "When it was relinquished; null while it is ours.", None, "2026-12-31T17:00:00Z"
    )


class Site(SiteAsItWas):
    """A site as it is now."""

    open_jobs: int = Field(description="How much work is open there.", examples=[1])


class SiteList(Listed[Site]):
    """A page of sites, by town and address."""

    model_config = such_as(next=f"/api/sites?limit=50&after={CURSOR}")


class SiteHappened(Happened[SiteAsItWas]):
    """What has happened to a site, and the site after it."""

    model_config = happened_as(
        SiteAcquired(
            site_id=SITE,
            address_line_1="1 Harbour Street",
            town="Whitby",
            post_code="YO21 1AA",
            telephone_number="01947 600001",
        )
    )


class SiteHistory(Listed[SiteHappened]):
    """A page of what has happened to a site."""

    model_config = such_as(next=f"/api/sites/{SITE}/history?limit=50&after=8")


class SitesWanted(PageWanted):
    """Which sites to list."""

    model_config = such_as(after=CURSOR)

    q: Text = Field(
        default="",
        description="Words in the address, town or post code; or a telephone number.",
        examples=["harbour whitby"],
    )
    state: Literal["active", "relinquished"] | None = Field(
        default=None, description="Which are ours, or have been. All unless given."
    )


def site_of(row: SiteRow, open_jobs: int) -> Site:
    """A site, with how many jobs are open there."""
    return Site(**dict(site_then(row)), open_jobs=open_jobs)


def sites_then(moments: Iterable[Moment]) -> list[SiteAsItWas]:
    """The site at each of these moments."""
    return [site_then(each.row) for each in moments if isinstance(each.row, SiteRow)]


def site_then(row: SiteRow) -> SiteAsItWas:
    """What the site's own history tells of it; its work has one of its own."""
    return SiteAsItWas(
        id=row.site_id,
        address_line_1=row.address_line_1,
        town=row.town,
        post_code=row.post_code,
        telephone_number=row.telephone_number,
        acquired_at=row.acquired_at,
        relinquished_at=row.relinquished_at,
    )
