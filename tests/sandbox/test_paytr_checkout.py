"""PayTR's hosted page: card form, instalments, 3D Secure, the way back to the shop."""

import pytest

from sandbox.paytr.wire import CARD_FAILURES

OK, FAIL = "https://shop.example/ok", "https://shop.example/fail"


def test_a_payment_with_3d_secure(paytr, shop):
    token = paytr.open()
    secure = paytr.buyer_pays(token)
    assert (secure.status_code, secure.headers["Location"]) == (303, f"{token}/3d")
    assert "435508***4358" in paytr.session.get(f"{paytr.page_url(token)}/3d").text
    assert shop.received == []  # nothing has happened yet
    back = paytr.buyer_confirms(token)
    assert (back.status_code, back.headers["Location"]) == (303, OK)
    assert shop.received == [  # the shop knows before the browser comes back
        {
            "merchant_oid": "SO0001x7f3a",
            "status": "success",
            "total_amount": "4900",
            "hash": "HBxVbgGPaAUTKkwD+s3u8WSdVPLx7iG2Bn/nHeLSAyM=",
            "test_mode": "1",
            "payment_type": "card",
            "currency": "TL",
            "payment_amount": "4900",
            "installment_count": "1",
            "merchant_id": "123456",
        }
    ]


@pytest.mark.parametrize(("action", "code"), [("confirm", "2"), ("no_phone", "1"), ("cancel", "6")])
def test_3d_secure_failures(paytr, shop, action, code):
    token = paytr.open()
    paytr.buyer_pays(token)
    back = paytr.buyer_confirms(token, code="000000", action=action)
    assert back.headers["Location"] == FAIL
    assert shop.received == [
        {
            "merchant_oid": "SO0001x7f3a",
            "status": "failed",
            "total_amount": "0",
            "hash": "KHLdo2j1OIaV7PmAfYOMrNRmWeLmQ1BP7ya69UfSIhM=",
            "failed_reason_code": code,
            "failed_reason_msg": CARD_FAILURES[code],
            "test_mode": "1",
            "payment_type": "card",
        }
    ]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("insufficient_funds", "0"),
        ("do_not_honour", "05"),
        ("security_check", "3"),
        ("not_permitted", "9"),
        ("needs_3d", "10"),
        ("fraud", "11"),
        ("technical", "99"),
        ("stolen", "11"),
        ("not_enrolled", "10"),
        ("authentication_fails", "2"),
    ],
)
def test_cards_that_are_declined(paytr, shop, card, code):
    told = paytr.pay(paytr.open(), card=card)
    assert told["payment"]["state"] == "failed"
    assert shop.received[0]["failed_reason_code"] == code
    assert paytr.control("GET", "/ledger")["entries"] == []


def test_cancelling_the_card_form(paytr, shop):
    token = paytr.open()
    back = paytr.buyer_pays(token, action="cancel")
    assert back.headers["Location"] == FAIL
    assert shop.received[0]["failed_reason_code"] == "6"


def test_an_integration_error_is_shown_when_debug_is_on(paytr, shop):
    """Code 99 is notified "when debug_on is 0"."""
    token = paytr.open(debug_on="1")
    paytr.buyer_pays(token, number="4000010000000084")
    page = paytr.buyer_confirms(token)
    assert page.status_code == 200
    assert "debug_on=1" in page.text
    assert paytr.payment(token)["state"] == "open"
    assert shop.received == []


def test_a_store_without_3d_secure(paytr):
    paytr.configure(non_3d=True)
    assert paytr.buyer_pays(paytr.open()).headers["Location"] == OK


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"cc_owner": ""}, "Kart bilgilerini kontrol edin."),
        ({"expiry_year": "20"}, "Kart bilgilerini kontrol edin."),
        ({"expiry_month": "13"}, "Kart bilgilerini kontrol edin."),
        ({"cvv": ""}, "Kart bilgilerini kontrol edin."),
        ({"number": "4111111111111111"}, "Sandbox yalnızca test kartlarını kabul eder."),
        ({"installment_count": "13"}, "Bu taksit seçeneği sunulmuyor."),
    ],
)
def test_mistakes_in_the_card_form_are_no_attempt(paytr, shop, changes, text):
    token = paytr.open()
    assert text in paytr.buyer_pays(token, **changes).text
    assert paytr.payment(token)["tries"] == []


def test_no_card_number_is_kept(paytr, shop):
    paytr.buyer_pays(token := paytr.open())
    paytr.buyer_confirms(token)
    everything = str(paytr.payment(token)) + str(paytr.control("GET", "/notifications"))
    assert "4355084355084358" not in everything


# --- instalments


def offers(paytr, token: str, digits: str) -> list[tuple]:
    answer = paytr.session.get(f"{paytr.page_url(token)}/taksit", params={"bin": digits}).json()
    return [(offer["count"], offer["total"]) for offer in answer]


def test_instalments_cost_the_buyer_a_surcharge(paytr, shop):
    token = paytr.open()
    paytr.buyer_pays(token, installment_count="3")
    paytr.buyer_confirms(token)
    message = shop.received[0]
    assert message["hash"] == "M/FbqOuPQxr4uVZbIIKDVcRln8LB3GHOmjBo166z37k="
    assert (message["payment_amount"], message["total_amount"]) == ("4900", "5145")
    assert message["installment_count"] == "3"
    order = paytr.totals("SO0001x7f3a")
    assert (order["collected"], order["surcharge"]) == (5145, 245)


def test_offers_follow_card_store_and_request(paytr):
    assert offers(paytr, paytr.open(), "540011")[:3] == [(1, "49,00"), (2, "50,72"), (3, "51,45")]
    assert len(offers(paytr, paytr.open(), "540011")) == 12
    assert len(offers(paytr, paytr.open(max_installment="6"), "540011")) == 6
    assert len(offers(paytr, paytr.open(no_installment="1"), "540011")) == 1
    assert len(offers(paytr, paytr.open(currency="EUR"), "540011")) == 1
    assert len(offers(paytr, paytr.open(), "979203")) == 1  # a debit card
    assert offers(paytr, paytr.open(), "400002") == []  # a foreign card: unknown BIN
    paytr.configure(max_installment=9)
    assert len(offers(paytr, paytr.open(), "540011")) == 9
    assert offers(paytr, paytr.open(lang="en"), "540011")[1] == (2, "50.72")


@pytest.mark.parametrize("card", ["troy", "no_instalments"])
def test_a_card_that_takes_no_instalments(paytr, shop, card):
    paytr.pay(paytr.open(), card=card, installments=2)
    assert shop.received[0]["failed_reason_code"] == "8"


def test_the_same_card_in_one_payment(paytr, shop):
    paytr.pay(paytr.open(), card="no_instalments")
    assert shop.received[0]["status"] == "success"


# --- currency, test mode, language


@pytest.mark.parametrize(
    ("sent", "told"), [("TRY", "TL"), ("TL", "TL"), ("", "TL"), ("EUR", "EUR")]
)
def test_the_notification_names_the_currency(paytr, shop, sent, told):
    paytr.pay(paytr.open(currency=sent))
    assert shop.received[0]["currency"] == told


@pytest.mark.parametrize(
    ("live", "test_mode", "told"), [(False, "0", "1"), (True, "0", "0"), (True, "1", "1")]
)
def test_test_mode_of_store_and_request(paytr, shop, live, test_mode, told):
    paytr.configure(live=live)
    paytr.pay(paytr.open(test_mode=test_mode))
    assert shop.received[0]["test_mode"] == told


def test_the_form_is_filled_in_test_mode_only(paytr):
    paytr.configure(live=True)
    for test_mode, filled in (("1", True), ("0", False)):
        page = paytr.session.get(paytr.page_url(paytr.open(test_mode=test_mode))).text
        assert ("4355084355084358" in page) is filled


@pytest.mark.parametrize(("lang", "text"), [("tr", "Güvenli Ödeme"), ("en", "Secure payment")])
def test_languages(paytr, lang, text):
    assert text in paytr.session.get(paytr.page_url(paytr.open(lang=lang))).text


def test_a_refusal_is_explained_in_the_buyers_language(paytr):
    paytr.configure(retry_on_page=True)
    for lang, text in (("tr", "Kartın limiti"), ("en", "Insufficient funds")):
        token = paytr.open(f"SO{lang}", lang=lang)
        paytr.pay(token, card="insufficient_funds")
        assert text in paytr.session.get(paytr.page_url(token)).text


def test_dark_design(paytr):
    page = paytr.session.get(paytr.page_url(paytr.open(iframe_v2="1", iframe_v2_dark="1"))).text
    assert '<body class="dark">' in page


# --- frame and full page


def test_the_page_may_be_framed_and_resized(paytr):
    response = paytr.session.get(paytr.page_url(paytr.open()))
    assert "X-Frame-Options" not in response.headers
    assert "Content-Security-Policy" not in response.headers
    script = paytr.session.get(f"{paytr.url}/js/iframeResizer.min.js?v2")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "iFrameResize" in script.text


def test_a_framed_page_goes_back_in_the_top_window(paytr):
    token = paytr.open()
    secure = paytr.buyer_pays(token, framed="1")
    assert secure.headers["Location"] == f"{token}/3d?framed=1"
    page = paytr.buyer_confirms(token, framed="1")
    assert page.status_code == 200
    assert f'href="{OK}" target="_top"' in page.text


def test_unknown_tokens(paytr):
    assert paytr.session.get(paytr.page_url("nothing")).status_code == 404
    token = paytr.open()
    assert paytr.session.get(f"{paytr.url}/odeme/api/{token}").status_code == 404


def test_a_concluded_page_cannot_be_used_again(paytr, shop):
    token = paytr.open()
    paytr.pay(token)
    assert "daha önce tamamlandı" in paytr.buyer_pays(token).text
    assert "daha önce tamamlandı" in paytr.buyer_confirms(token).text
    assert len(shop.received) == 1


def test_one_order_is_paid_once_even_with_two_pages(paytr, shop):
    first, second = paytr.open(), paytr.open()
    paytr.pay(first)
    assert "daha önce tamamlandı" in paytr.buyer_pays(second).text
    assert paytr.totals("SO0001x7f3a")["collected"] == 4900


# --- trying again, leaving, time


def test_by_default_a_failure_ends_the_payment(paytr):
    token = paytr.open()
    paytr.pay(token, card="insufficient_funds")
    assert "süresi doldu veya işlem sonuçlandı" in paytr.buyer_pays(token).text


def test_success_after_failure_on_the_same_page(paytr, shop):
    paytr.configure(retry_on_page=True)
    token = paytr.open()
    paytr.buyer_pays(token, number="4000010000000019")
    assert "Kartın limiti" in paytr.buyer_confirms(token).text
    shop.wait(1)
    paytr.buyer_pays(token)
    assert paytr.buyer_confirms(token).headers["Location"] == OK
    assert [message["status"] for message in shop.wait(2)] == ["failed", "success"]


def test_leaving_ends_the_payment_even_then(paytr):
    paytr.configure(retry_on_page=True)
    token = paytr.open()
    assert paytr.buyer_pays(token, action="cancel").headers["Location"] == FAIL


def test_an_abandoned_page_expires(paytr, shop):
    token = paytr.open()
    told = paytr.control("POST", f"/paytr/tokens/{token}/expire", {})
    assert told["payment"]["state"] == "failed"
    assert shop.received[0]["failed_reason_code"] == "6"
    assert "süresi doldu" in paytr.session.get(paytr.page_url(token)).text


def test_the_clock_expires_it_too(server, paytr, shop, monkeypatch):
    """timeout_limit is in minutes; here the clock runs faster."""
    scheduler = server.sandbox.scheduler
    after = scheduler.after
    monkeypatch.setattr(scheduler, "after", lambda seconds, job: after(seconds / 10_000, job))
    paytr.open(timeout_limit="7")
    assert shop.wait(1)[0]["failed_reason_code"] == "6"


def test_a_paid_page_does_not_expire(server, paytr, shop, monkeypatch):
    jobs = []
    monkeypatch.setattr(server.sandbox.scheduler, "after", lambda seconds, job: jobs.append(job))
    token = paytr.open()
    monkeypatch.undo()
    paytr.pay(token)
    jobs[0]()
    assert [message["status"] for message in shop.received] == ["success"]


def test_the_browser_may_come_back_first(paytr, shop):
    paytr.configure(browser_first=True, notify_delay=2)
    token = paytr.open()
    paytr.buyer_pays(token)
    assert paytr.buyer_confirms(token).headers["Location"] == OK
    assert shop.received == []
    assert shop.wait(1)[0]["status"] == "success"


def test_a_lost_notification_does_not_keep_the_browser(paytr, shop):
    paytr.fault("notification", "hold")
    token = paytr.open()
    paytr.buyer_pays(token)
    assert paytr.buyer_confirms(token).headers["Location"] == OK
    assert shop.received == []
