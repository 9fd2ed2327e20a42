"""Faults: what the shop sees, and whether the money moved."""

import pytest
import requests

from sandbox.faults import Fault, Faults

OID = "SO0001x7f3a"


@pytest.mark.parametrize("kind", ["timeout_before", "reset_before"])
def test_the_connection_breaks_and_nothing_was_done(paytr, kind):
    paytr.paid_order()
    paytr.fault("refund", kind, seconds=0.01)
    with pytest.raises(requests.ConnectionError):
        paytr.refund(OID, "10.00")
    assert paytr.totals(OID)["refunded"] == 0


@pytest.mark.parametrize("kind", ["timeout_after", "reset_after"])
def test_the_connection_breaks_after_the_money_moved(paytr, kind):
    paytr.paid_order()
    paytr.fault("refund", kind, seconds=0.01)
    with pytest.raises(requests.ConnectionError):
        paytr.refund(OID, "10.00", reference_no="R1")
    assert paytr.totals(OID)["refunded"] == 1000
    assert paytr.status(OID)["returns"][0]["reference_no"] == "R1"


def test_a_client_that_does_not_wait(paytr):
    paytr.paid_order()
    paytr.fault("refund", "timeout_after", seconds=1)
    fields = {"merchant_id": "123456"}
    with pytest.raises(requests.ReadTimeout):
        paytr.post("/odeme/iade", fields, timeout=0.05)


@pytest.mark.parametrize(("kind", "refunded"), [("http_500", 0), ("http_500_after", 1000)])
def test_a_server_error(paytr, kind, refunded):
    paytr.paid_order()
    paytr.fault("refund", kind)
    with pytest.raises(requests.JSONDecodeError):
        paytr.refund(OID, "10.00")
    assert paytr.totals(OID)["refunded"] == refunded


@pytest.mark.parametrize(("kind", "refunded"), [("garbage", 0), ("garbage_after", 1000)])
def test_a_page_instead_of_an_answer(paytr, kind, refunded):
    paytr.paid_order()
    paytr.fault("refund", kind)
    with pytest.raises(requests.JSONDecodeError):
        paytr.refund(OID, "10.00")
    assert paytr.totals(OID)["refunded"] == refunded


def test_slow_but_right(paytr):
    paytr.paid_order()
    paytr.fault("status", "slow", seconds=0.05)
    assert paytr.status(OID)["status"] == "success"


def test_wrong_amounts(paytr):
    paytr.paid_order()
    paytr.fault("status", "wrong_amount", amount=-1000)
    paytr.fault("refund", "wrong_amount", amount=1)
    assert paytr.status(OID)["payment_total"] == "39.00"
    assert paytr.refund(OID, "10.00")["return_amount"] == "10.01"
    assert paytr.totals(OID)["refunded"] == 1000


def test_wrong_amounts_keep_their_notation(paytr):
    paytr.configure(decimal_comma=True)
    paytr.paid_order()
    paytr.fault("status", "wrong_amount", amount=-5050)
    assert paytr.status(OID)["payment_total"] == "-1,50"


def test_a_wrong_amount_of_nothing(paytr):
    paytr.fault("status", "wrong_amount")
    assert paytr.status(OID)["err_no"] == "004"


@pytest.mark.parametrize(
    ("service", "code"), [("refund", "010"), ("status", "001"), ("get-token", "any reason")]
)
def test_the_psps_own_refusal(paytr, service, code):
    paytr.fault(service, "refuse", code=code)
    answers = {
        "refund": lambda: paytr.refund(OID, "1.00")["err_no"],
        "status": lambda: paytr.status(OID)["err_no"],
        "get-token": lambda: paytr.get_token(paytr.card_fields())["reason"],
    }
    assert answers[service]() == code


def test_get_token_may_fail_too(paytr):
    paytr.fault("get-token", "http_500", times=2)
    for _ in range(2):
        with pytest.raises(requests.JSONDecodeError):
            paytr.get_token(paytr.card_fields())
    assert paytr.open()


def test_the_buyers_page_may_hang_up_after_the_payment(paytr, shop):
    token = paytr.open()
    paytr.buyer_pays(token)
    paytr.fault("pay", "reset_after")
    with pytest.raises(requests.ConnectionError):
        paytr.buyer_confirms(token)
    assert shop.wait(1)[0]["status"] == "success"


def test_a_fault_strikes_the_matching_request_only(paytr):
    paytr.fault("status", "http_500", match={"merchant_oid": "SO2"})
    assert paytr.status("SO1")["status"] == "error"
    with pytest.raises(requests.JSONDecodeError):
        paytr.status("SO2")


def test_faults_are_listed_and_cleared(paytr):
    paytr.fault("status", "http_500", times=3)
    listed = paytr.control("GET", "/faults")
    assert (listed["waiting"][0]["service"], listed["waiting"][0]["times"]) == ("status", 3)
    assert {"get-token", "refund", "status", "rates", "bin"} <= listed["services"]["paytr"].keys()
    paytr.control("DELETE", "/faults")
    assert paytr.status(OID)["status"] == "error"


@pytest.mark.parametrize(
    "fault",
    [
        {"psp": "nobody", "service": "refund", "kind": "http_500"},
        {"psp": "paytr", "service": "nothing", "kind": "http_500"},
        {"psp": "paytr", "service": "refund", "kind": "earthquake"},
        {"psp": "paytr", "service": "refund", "kind": "lost"},
        {"psp": "paytr", "service": "notification", "kind": "http_500"},
        {"psp": "paytr", "service": "pay", "kind": "refuse"},
        {"psp": "paytr", "service": "get-token", "kind": "wrong_amount"},
        {"psp": "paytr", "service": "refund"},
        {"psp": "paytr", "service": "refund", "kind": "slow", "colour": "red"},
    ],
)
def test_faults_that_do_not_exist(paytr, fault):
    response = paytr.session.post(f"{paytr.control_url}/faults", json=fault)
    assert response.status_code == 400


def test_faults_strike_in_the_order_they_were_set():
    faults = Faults()
    faults.add(Fault("paytr", "status", "slow"))
    faults.add(Fault("paytr", "status", "http_500", times=2))
    struck = [faults.take("paytr", "status", {}) for _ in range(4)]
    assert [fault and fault.kind for fault in struck] == ["slow", "http_500", "http_500", None]
