"""Messages name the thing and the person, and one that is true no longer is not shown."""

from uuid import uuid4

import pytest
from django.test import Client

from orders.order import Status
from readmodels.models import OrderRow
from tests import factories
from tests.pages.order_form import NEW, filled
from tests.pages.page_requests import press, send, text_of


def test_an_assignment_says_which_job_and_to_whom(control_client: Client) -> None:
    work_id = factories.raise_work("Lift stuck")
    page = press(control_client, "assign", work_id, operative_id=factories.hire("Grace", "Hopper"))
    assert "Succeeded assigning work 1 Lift stuck, to Grace Hopper" in text_of(page)
    again = press(control_client, "assign", work_id, operative_id=factories.hire("Ada", "Lovelace"))
    assert "already assigned to this work 1 Lift stuck, to Ada Lovelace" in text_of(again)


def test_an_undo_says_of_which_job(control_client: Client) -> None:
    work_id = factories.raise_work("Lift stuck")
    page = press(control_client, "assign", work_id, operative_id=factories.hire("Grace", "Hopper"))
    form = page.content.decode().split('class="message-undo"')[1].split("</form>")[0]
    change = form.split('name="change" value="')[1].split('"')[0]
    assert "Succeeded undoing assignment 1 Lift stuck" in text_of(
        press(control_client, "undo", work_id, change=change)
    )


def test_raised_work_says_its_number_and_where(response_client: Client) -> None:
    call = {
        "title": "Lift stuck",
        "description": "Two people in it",
        "sites": [factories.acquire("4 Cliff Lane")],
    }
    assert "Succeeded raising work 1 Lift stuck, 4 Cliff Lane, Whitby" in text_of(
        send(response_client, "/response/", **call)
    )


@pytest.mark.parametrize(
    ("address", "fields", "sentence"),
    [
        (
            "operatives/",
            {"forename": "Grace", "surname": "Hopper"},
            "Succeeded hiring operative Grace Hopper",
        ),
        (
            "sites/",
            {
                "address_line_1": "4 Cliff Lane",
                "town": "Whitby",
                "post_code": "YO21 1AA",
                "telephone_number": "01947 600001",
            },
            "Succeeded acquiring site 4 Cliff Lane, Whitby",
        ),
        (
            "permissions/roles/new/",
            {"name": "Night shift", "features": "do_work"},
            "Succeeded creating role Night shift",
        ),
    ],
)
def test_administration_says_whom_or_what(
    administration_client: Client, address: str, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in text_of(send(administration_client, f"/administration/{address}", **fields))


def test_an_order_that_was_shipped_is_named_with_its_buyer(control_client: Client) -> None:
    order_id = factories.order_at(Status.PAID)
    page = send(control_client, f"/orders/{order_id}/ship/")
    assert "Succeeded shipping order Order 1, for Grace Hopper" in text_of(page)


def test_a_reason_written_for_an_order_that_left_meanwhile_is_handed_back(control_client: Client) -> None:
    order_id = factories.order_at(Status.SHIPPED)
    page = send(control_client, f"/orders/{order_id}/cancel/", reason="They have one already")
    assert page.status_code == 422
    assert "They have one already" in page.content.decode()


def test_an_order_that_has_been_cancelled_meanwhile_is_not_said_to_have_succeeded(
    control_client: Client,
) -> None:
    sent = {"command_id": uuid4(), **filled(factories.create_product())}
    assert control_client.post(NEW, sent).status_code == 302
    order = OrderRow.objects.get()
    factories.cancel_order(order.pk, "The payment was declined")
    page = control_client.get(f"/orders/{order.pk}/")
    assert "The payment was declined" in text_of(page)
    assert '<div class="message"' not in page.content.decode().split('id="failed"')[0]
    assert 'data-overtakes="Succeeded placing order"' in page.content.decode()
