"""Names, titles and addresses are one line each, whichever door they come in by."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from operatives.commands import HireOperative
from operatives.operative import OPERATIVE
from products.commands import CreateProduct
from products.product import PRODUCT
from sites.commands import AcquireSite
from sites.events import SiteAcquired
from sites.site import SITE
from support.commands import RaiseWork
from support.work import WORK
from tests.domain.scenario import given

ID = UUID(int=1)
ACQUIRE = AcquireSite(
    site_id=ID, address_line_1="1 Quay", town="Hull", post_code="HU1", telephone_number="01482 1"
)


@pytest.mark.parametrize(
    ("decider", "command", "sentence"),
    [
        (OPERATIVE, HireOperative(operative_id=ID, forename="A\nda", surname="L"), "A name must be one line"),
        (
            OPERATIVE,
            HireOperative(operative_id=ID, forename="A", surname="L\fL"),
            "A name must be one line",
        ),
        (SITE, replace(ACQUIRE, town="Hu\x85ll"), "Each of a site's particulars must be one line"),
        (SITE, replace(ACQUIRE, telephone_number="1\r\n2"), "Each of a site's particulars must be one line"),
        (
            PRODUCT,
            CreateProduct(product_id=ID, name="Be\nlt", price=Decimal(1), stock=1),
            "A product's name must be one line",
        ),
        (
            WORK,
            RaiseWork(work_id=ID, title="No\nwater", description="Since\nMonday", sites=()),
            "A title must be one line",
        ),
    ],
)
def test_a_line_break_is_refused(decider: Any, command: Any, sentence: str) -> None:
    given(decider).when(command).then_refused(sentence)


def test_a_pasted_number_is_kept_as_typed() -> None:
    given(SITE).when(replace(ACQUIRE, telephone_number="\u202a01482\u00a01\u20112\u202c")).then(
        SiteAcquired(
            site_id=ID, address_line_1="1 Quay", town="Hull", post_code="HU1", telephone_number="01482 1-2"
        )
    )
