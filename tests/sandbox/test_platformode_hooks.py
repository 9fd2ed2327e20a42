"""Platformode's sale web hook: what it says, until when, and what goes wrong on the way."""

import pytest
from platformode_shop import INVOICE
from platformode_signing import plain


def send(platformode, **order) -> dict:
    return platformode.control(
        "POST", "/platformode/notifications", {"invoice_id": INVOICE} | order
    )


def finished(platformode) -> dict:
    """The only message, as soon as the shop has acknowledged it."""
    (delivery,) = platformode.control("GET", "/notifications")
    delivery = platformode.control("GET", f"/notifications/{delivery['id']}?wait=5")
    assert delivery["accepted"]
    return delivery


def test_a_sale(platformode, shop):
    order = platformode.paid(card="family_world", installments=3)["order_id"]
    (hook,) = shop.received
    assert plain(hook.pop("Hash_key")) == f"Completed|100.00|{INVOICE}|{order}|TRY"
    assert hook == {
        "invoice_id": INVOICE,
        "order_id": order,
        "order_no": order,
        "status": "Completed",
        "payment_status": "1",
        "status_code": "100",
        "status_description": "Payment process successful",
        "payment_method": "1",
        "transaction_type": "Auth",
        "error_code": "100",
        "error": "Payment process successful",
        "merchant_commission": "2.75",
        "user_commission": "5.00",
        "md_status": "1",
    }
    assert shop.content_types == ["application/x-www-form-urlencoded"]


def test_a_failure(platformode, shop):
    platformode.open()
    platformode.pay(card="insufficient_funds")
    (hook,) = shop.received
    assert (hook["status"], hook["payment_status"]) == ("Failed", "0")
    assert hook["status_description"] == "Payment Failed"
    assert plain(hook["Hash_key"]).startswith(f"Failed|100.00|{INVOICE}|")


def test_no_hook_without_a_key(platformode, shop):
    platformode.open(sale_web_hook_key="")
    payment = platformode.pay()["payment"]
    assert payment["sale"]["state"] == "settled"
    assert platformode.control("GET", "/notifications") == []


def test_the_panel_names_the_address(platformode, shop):
    platformode.configure(hooks={"another": f"{shop.url}another", "odoo_sale": "http://x.invalid"})
    platformode.open(sale_web_hook_key="another")
    told = platformode.pay()
    assert told["notification"]["attempts"][0]["url"].endswith("/another")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_success_acknowledges(platformode, shop, status):
    shop.answers.append((status, b"" if status == 204 else b"whatever"))
    payment = platformode.paid()
    assert payment["sale"]["state"] == "settled"


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_anything_else_is_repeated(platformode, shop, status):
    platformode.configure(retry_seconds=1)
    shop.answers.append((status, b"OK"))
    platformode.open()
    told = platformode.pay()
    assert told["payment"]["sale"]["state"] == "in_progress"
    assert [attempt["status"] for attempt in finished(platformode)["attempts"]] == [status, 200]
    assert shop.bodies[0] == shop.bodies[1]
    assert platformode.payment()["sale"]["state"] == "settled"


def test_a_merchant_may_be_repeated_at_its_own_pace(platformode, shop):
    platformode.configure(retry_seconds=3600)
    shop.answers.append((500, b""))
    platformode.open()
    assert not platformode.pay()["notification"]["accepted"]


def test_the_browser_may_come_first(platformode, shop):
    platformode.configure(browser_first=True, hook_delay=2)
    platformode.buy()
    assert shop.received == []
    assert shop.wait(1)[0]["status"] == "Completed"


def test_refunds_do_not_wait_for_a_browser(platformode, shop):
    platformode.configure(browser_first=True, hook_delay=3600)
    platformode.open()
    platformode.pay(wait=0)
    platformode.refund("10.00")
    assert shop.wait(1)[0]["amount"] == "10.00"


def test_a_browser_does_not_wait_for_ever(platformode, shop):
    platformode.fault("notification", "lost")
    assert platformode.buy()["payment_status"] == "1"
    assert shop.wait(1)[0]["status"] == "Completed"


# --- on a bad day


def test_copies(platformode, shop):
    platformode.fault("notification", "repeat", count=3)
    platformode.paid()
    first, *others = shop.wait(3)
    assert others == [first, first]


def test_late(platformode, shop):
    platformode.fault("notification", "slow", seconds=0.05, match={"invoice_id": INVOICE})
    platformode.open()
    platformode.pay(wait=0)
    assert len(shop.wait(1)) == 1


def test_held_back(platformode, shop):
    platformode.fault("notification", "hold")
    platformode.paid()
    assert shop.received == []
    platformode.control("POST", "/notifications/release")
    assert shop.received[0]["invoice_id"] == INVOICE


def test_an_authentic_lie(platformode, shop):
    platformode.fault("notification", "wrong_amount", amount=-1)
    platformode.paid()
    assert plain(shop.received[0]["Hash_key"]).startswith("Completed|99.99|")


# --- messages made by hand


def test_the_last_one_again(platformode, shop):
    platformode.paid()
    send(platformode, times=2)
    first, *others = shop.wait(3)
    assert others == [first, first]


def test_one_that_was_never_sent(platformode, shop):
    platformode.open()
    send(platformode, kind="sale", total="1.00", currency="USD", fields={"status": "Completed"})
    (hook,) = shop.received
    order = hook["order_id"]
    assert plain(hook["Hash_key"]) == f"Completed|1.00|{INVOICE}|{order}|USD"


def test_forged_ones(platformode, shop):
    platformode.open()
    platformode.pay(card="stolen")
    send(platformode, kind="sale", fields={"status": "Completed"}, secret="x")
    send(platformode, kind="sale", tamper={"status": "Completed"}, drop=["Hash_key", "error"])
    _genuine, first, second = shop.wait(3)
    assert plain(first["Hash_key"], "x").startswith("Completed|")
    assert second["status"] == "Completed"
    assert "Hash_key" not in second


def test_a_refund_made_by_hand(platformode, shop):
    platformode.paid()
    platformode.refund("10.00", refund_web_hook_key="")
    send(platformode, kind="refund", refund="R1", hook="odoo_refund", fields={"amount": "1.00"})
    hook = shop.wait(2)[-1]
    assert plain(hook["hash_key"]).startswith(f"Completed|1.00|{INVOICE}|")


def test_other_ways_to_send_it(platformode, shop):
    platformode.paid()
    send(
        platformode, content_type="text/plain", charset="iso-8859-9", url=f"{shop.url}x", delay=0.01
    )
    assert shop.content_types[-1] == "text/plain"


def test_nothing_to_send_again(platformode):
    platformode.open()
    path = "/platformode/notifications"
    platformode.control("POST", path, {"invoice_id": "SO9"}, 404)
    body = {"invoice_id": INVOICE}
    assert platformode.session.post(platformode.control_url + path, json=body).status_code == 400
