"""PayTR iFrame API, step 2: sent until OK, and everything that can go wrong on the way."""

import time

import pytest
from paytr_signing import MERCHANT, signature

OID = "SO0001x7f3a"


def finished(paytr) -> dict:
    """The only message, as soon as the shop has acknowledged it."""
    (delivery,) = paytr.control("GET", "/notifications")
    delivery = paytr.control("GET", f"/notifications/{delivery['id']}?wait=5")
    assert delivery["accepted"]
    return delivery


def hash_of(message: dict) -> str:
    outcome = message["status"] + message["total_amount"]
    return signature(message["merchant_oid"], MERCHANT["salt"], outcome)


# --- the plain case


def test_a_form_in_utf8(paytr, shop):
    paytr.pay(paytr.open(), card="insufficient_funds")
    assert shop.content_types == ["application/x-www-form-urlencoded"]
    assert b"failed_reason_msg=Kart%C4%B1n+limiti" in shop.bodies[0]


@pytest.mark.parametrize(
    "answer",
    [
        (200, b""),
        (200, b"ok"),
        (200, b"OK\n"),
        (200, b" OK"),
        (200, b"\xef\xbb\xbfOK"),
        (200, b"<html>OK</html>"),
        (200, b'"OK"'),
        (500, b"OK"),
        (302, b""),
        (404, b"not here"),
    ],
)
def test_anything_but_ok_is_repeated(paytr, shop, answer):
    shop.answers.append(answer)
    paytr.pay(paytr.open())
    delivery = finished(paytr)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [answer[0], 200]
    first, second = shop.bodies
    assert first == second


def test_until_then_the_sale_is_in_progress(paytr, shop):
    paytr.configure(notify_retry_seconds=1)
    shop.answers.append((500, b"busy"))
    told = paytr.pay(paytr.open())
    assert told["payment"]["panel_state"] == "Devam Ediyor"
    assert told["payment"]["sale"]["state"] == "in_progress"
    assert told["notification"]["attempts"][0]["answer"] == "busy"
    finished(paytr)
    payment = paytr.payment(OID)
    assert (payment["panel_state"], payment["sale"]["state"]) == ("Başarılı", "settled")


def test_repeated_as_often_as_it_takes(paytr, shop):
    shop.answers.extend([(500, b"")] * 4)
    paytr.pay(paytr.open())
    assert len(finished(paytr)["attempts"]) == 5


def test_a_store_may_be_repeated_at_its_own_pace(paytr, shop):
    paytr.configure(notify_retry_seconds=3600)
    shop.answers.append((500, b""))
    told = paytr.pay(paytr.open())
    assert not told["notification"]["accepted"]


def test_an_unreachable_shop_is_logged_and_tried_again(paytr, shop):
    paytr.configure(notify_url="http://127.0.0.1:9/closed")
    told = paytr.pay(paytr.open())
    assert "ConnectionError" in told["notification"]["attempts"][0]["note"]
    paytr.configure(notify_url=shop.url)  # mended in the panel
    assert finished(paytr)["attempts"][-1]["url"] == shop.url


def test_a_store_without_a_url_is_logged(paytr):
    paytr.configure(notify_url="")
    told = paytr.pay(paytr.open())
    assert "MissingSchema" in told["notification"]["attempts"][0]["note"]


def test_the_log_can_be_filtered(paytr):
    paytr.paid_order("SO1")
    paytr.paid_order("SO2")
    (delivery,) = paytr.control("GET", "/notifications?order=SO2")
    assert delivery["fields"]["merchant_oid"] == "SO2"


def test_an_unknown_number(paytr):
    assert paytr.session.get(f"{paytr.control_url}/notifications/999999").status_code == 404


# --- on a bad day


def test_lost_ones_come_again(paytr, shop):
    paytr.fault("notification", "lost", times=2)
    paytr.pay(paytr.open())
    notes = [attempt["note"] for attempt in finished(paytr)["attempts"]]
    assert notes == ["lost", "lost", ""]
    assert len(shop.received) == 1


def test_late(paytr, shop):
    paytr.fault("notification", "slow", seconds=0.05)
    started = time.monotonic()
    paytr.pay(paytr.open(), wait=0)
    shop.wait(1)
    assert time.monotonic() - started >= 0.05


def test_repeated_in_parallel(paytr, shop):
    paytr.fault("notification", "repeat", count=5)
    paytr.pay(paytr.open())
    assert len(shop.received) == 5
    assert len(set(shop.bodies)) == 1


def test_out_of_order(paytr, shop):
    """The failure is told after the success that followed it."""
    paytr.configure(retry_on_page=True)
    paytr.fault("notification", "hold", times=2)
    token = paytr.open()
    paytr.pay(token, card="insufficient_funds")
    paytr.pay(token)
    assert shop.received == []
    released = paytr.control("POST", "/notifications/release", {"newest_first": True})
    assert [item["fields"]["status"] for item in released] == ["success", "failed"]
    assert [message["status"] for message in shop.received] == ["success", "failed"]


def test_only_the_matching_order_is_struck(paytr, shop):
    paytr.fault("notification", "hold", match={"merchant_oid": "SO2"})
    paytr.paid_order("SO1")
    paytr.pay(paytr.open("SO2"))
    assert [message["merchant_oid"] for message in shop.received] == ["SO1"]


def test_an_authentic_message_with_a_wrong_amount(paytr, shop):
    paytr.fault("notification", "wrong_amount", amount=-4000)
    paytr.pay(paytr.open())
    (message,) = shop.received
    assert message["total_amount"] == "900"
    assert message["hash"] == hash_of(message)
    assert paytr.totals(OID)["collected"] == 4900  # what really moved


# --- resent and forged by the control API


def send(paytr, **order) -> dict:
    return paytr.control("POST", "/paytr/notifications", {"merchant_oid": OID} | order)


def test_sent_again(paytr, shop):
    paytr.paid_order()
    send(paytr, times=3)
    assert len(shop.received) == 4
    assert len({message["hash"] for message in shop.received}) == 1


def test_sending_again_can_settle_a_sale(paytr, shop):
    """What the panel's button does for a shop that was down."""
    paytr.configure(notify_retry_seconds=3600)
    shop.answers.append((500, b""))
    paytr.pay(paytr.open())
    send(paytr)
    assert paytr.payment(OID)["acknowledged"]


def test_a_changed_message_that_paytr_signs(paytr, shop):
    paytr.paid_order()
    send(paytr, fields={"total_amount": "1", "currency": "USD"})
    message = shop.received[-1]
    assert (message["total_amount"], message["currency"]) == ("1", "USD")
    assert message["hash"] == hash_of(message)


def test_a_message_changed_on_the_way(paytr, shop):
    paytr.paid_order()
    send(paytr, tamper={"total_amount": "1"}, drop=["test_mode"])
    message = shop.received[-1]
    assert message["hash"] != hash_of(message)
    assert "test_mode" not in message


def test_a_message_signed_by_a_stranger(paytr, shop):
    paytr.pay(paytr.open(), card="insufficient_funds")
    shop.answers.append((400, b"bad hash"))
    answered = send(paytr, status="failed", key="guess", salt="guess")
    assert answered["attempts"][0]["answer"] == "bad hash"
    message = shop.received[-1]
    assert message["hash"] != hash_of(message)


def test_a_failure_after_the_success(paytr, shop):
    paytr.paid_order()
    send(paytr, status="failed")
    message = shop.received[-1]
    assert (message["status"], message["total_amount"]) == ("failed", "0")
    assert message["hash"] == hash_of(message)
    assert paytr.payment(OID)["acknowledged"]


def test_a_success_that_never_was(paytr, shop):
    """Authentic to the shop, but no money has moved: only the ledger and the inquiry know."""
    paytr.open()
    send(paytr, status="success", fields={"total_amount": "4900"})
    message = shop.received[-1]
    assert (message["status"], message["hash"]) == ("success", hash_of(message))
    assert paytr.control("GET", "/ledger")["entries"] == []
    assert paytr.status(OID)["status"] == "error"


def test_another_charset_and_content_type(paytr, shop):
    paytr.pay(paytr.open(), card="insufficient_funds")
    send(paytr, charset="iso-8859-9", content_type="text/plain")
    assert b"Kart%FDn" in shop.bodies[-1]
    assert shop.content_types[-1] == "text/plain"


def test_to_another_address(paytr, shop):
    paytr.paid_order()
    send(paytr, url=f"{shop.url}elsewhere")
    assert len(shop.received) == 2


def test_a_delayed_repetition(paytr, shop):
    paytr.paid_order()
    started = time.monotonic()
    send(paytr, delay=0.05, wait=0)
    shop.wait(2)
    assert time.monotonic() - started >= 0.05
