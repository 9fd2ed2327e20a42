"""PayTR Havale/EFT iFrame API: the buyer declares a transfer, PayTR finds it later or does not."""

import pytest

from sandbox.paytr.wire import EFT_BANKS, EFT_FAILURES

OID = "SO0001x7f3a"
CLAIM = {
    "action": "sent",
    "bank": "akbank",
    "user_name": "Ali Veli",
    "user_phone": "05551234567",
    "tc_no_last5": "12345",
    "payment_sent_date": "2026-06-01",
}


@pytest.fixture
def eft(paytr, shop):
    paytr.configure(eft=True)
    return paytr


def post(paytr, token: str, **changes):
    return paytr.session.post(f"{paytr.url}/odeme/api/{token}", data=CLAIM | changes)


def settle(paytr, token: str, **how) -> dict:
    return paytr.control("POST", f"/paytr/tokens/{token}/settle", how)


def test_a_transfer_that_is_found(eft, shop):
    eft.configure(interim_url=f"{shop.url}interim")
    token = eft.open_eft()
    assert "TR00" in eft.session.get(f"{eft.url}/odeme/api/{token}").text
    assert "Bildiriminiz alındı" in post(eft, token).text
    interim = shop.wait(1)[0]
    assert interim.pop("hash")
    assert interim == {"merchant_oid": OID, "status": "info"} | {
        name: value for name, value in CLAIM.items() if name != "action"
    }
    assert eft.payment(token)["state"] == "claimed"
    assert eft.control("GET", "/ledger")["entries"] == []
    settle(eft, token)
    final = shop.wait(2)[1]
    assert (final["status"], final["payment_type"]) == ("success", "eft")
    assert (final["total_amount"], final["currency"]) == ("4900", "TL")
    assert eft.status(OID)["odeme_tipi"] == "EFT"
    assert eft.refund(OID, "49.00")["status"] == "success"


@pytest.mark.parametrize("code", sorted(EFT_FAILURES))
def test_a_transfer_that_is_not(eft, shop, code):
    settle(eft, eft.open_eft(), code=code)
    (message,) = shop.received
    assert (message["status"], message["failed_reason_code"]) == ("failed", code)
    assert (message["payment_type"], message["total_amount"]) == ("eft", "0")


def test_an_unknown_code(eft):
    url = f"{eft.control_url}/paytr/tokens/{eft.open_eft()}/settle"
    assert eft.session.post(url, json={"code": "77"}).status_code == 400


def test_without_an_interim_url_nothing_is_said(eft, shop):
    post(eft, eft.open_eft())
    assert eft.control("GET", "/notifications") == []


def test_the_interim_message_is_repeated_until_ok(eft, shop):
    eft.configure(interim_url=shop.url)
    shop.answers.append((500, b""))
    post(eft, eft.open_eft())
    assert [message["status"] for message in shop.wait(2)] == ["info", "info"]


def test_found_after_a_while(eft, shop):
    eft.configure(eft_delay=0.03)
    post(eft, eft.open_eft())
    assert shop.wait(1)[0]["status"] == "success"


def test_what_the_shop_prefilled_is_locked(eft, shop):
    token = eft.open_eft(bank="ziraat", user_name="Ayşe Yılmaz")
    page = eft.session.get(f"{eft.url}/odeme/api/{token}").text
    assert 'value="Ayşe Yılmaz" readonly' in page
    assert "akbank" not in page
    post(eft, token, user_name="Somebody Else")
    claim = eft.payment(token)["claim"]
    assert (claim["user_name"], claim["bank"]) == ("Ayşe Yılmaz", "ziraat")


def test_every_documented_bank_is_on_offer(eft):
    page = eft.session.get(f"{eft.url}/odeme/api/{eft.open_eft()}").text
    assert all(f"<option>{bank}</option>" in page for bank in EFT_BANKS)


@pytest.mark.parametrize("name", ["user_name", "user_phone", "tc_no_last5", "payment_sent_date"])
def test_an_incomplete_claim(eft, name):
    token = eft.open_eft()
    assert "eksiksiz" in post(eft, token, **{name: ""}).text
    assert eft.payment(token)["state"] == "open"


def test_leaving(eft, shop):
    post(eft, eft.open_eft(), action="cancel")
    assert shop.wait(1)[0]["failed_reason_code"] == "6"


def test_time_runs_out_for_who_has_not_paid(server, eft, shop, monkeypatch):
    jobs = []
    monkeypatch.setattr(server.sandbox.scheduler, "after", lambda seconds, job: jobs.append(job))
    lazy, quick = eft.open_eft("SO1"), eft.open_eft("SO2")
    monkeypatch.undo()
    post(eft, quick)
    for job in jobs:
        job()
    assert (eft.payment(lazy)["state"], eft.payment(quick)["state"]) == ("failed", "claimed")


def test_cards_cannot_pay_a_transfer(eft):
    token = eft.open_eft()
    assert eft.session.get(eft.page_url(token)).status_code == 404
