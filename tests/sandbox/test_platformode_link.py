"""Platformode's branded page: the request for a link, the pages, and the way back to the shop."""

import json

import pytest
from platformode_shop import FAIL, INVOICE, OK, VISA, WORLD, item
from platformode_signing import KEY, plain

# --- the request


def test_a_link(platformode):
    answer = platformode.link()
    assert answer.keys() == {"status", "status_code", "success_message", "link", "order_id"}
    assert (answer["status"], answer["status_code"]) == ("true", 100)
    assert answer["link"].startswith(f"{platformode.url}/checkout/")
    payment = platformode.payment()
    assert (payment["amount"], payment["currency"], payment["state"]) == (10000, "TRY", "open")
    assert answer["order_id"] == payment["order_id"]


def test_the_other_reading_of_status(platformode):
    platformode.configure(status_is_boolean=True)
    assert platformode.link()["status"] is True
    assert platformode.link(name="")["status"] is False


def test_fields_may_stand_inside_the_invoice(platformode):
    invoice = platformode.invoice(sale_web_hook_key="odoo_sale", bill_city="Istanbul")
    assert platformode.link(invoice, sale_web_hook_key="")["status"] == "true"
    payment = platformode.payment()
    assert (payment["hook"], payment["form"]["bill_city"]) == ("odoo_sale", "Istanbul")


def test_secrets_are_not_kept(platformode):
    platformode.open()
    assert KEY not in json.dumps(platformode.payment())


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"merchant_key": ""}, 1, "The merchant_key field is required."),
        ({"merchant_key": "x"}, 14, "Merchant Not Found !"),
        ({"currency_code": ""}, 1, "The currency_code field is required."),
        ({"currency_code": "XXX"}, 12, "Invalid Currency code"),
        ({"currency_code": "TL"}, 12, "Invalid Currency code"),
        ({"invoice": ""}, 1, "The invoice field is required."),
        ({"invoice": "{"}, 1, "The invoice must be a valid JSON string."),
        ({"invoice": "[]"}, 1, "The invoice must be a valid JSON string."),
        ({"name": ""}, 1, "The name field is required."),
        ({"surname": ""}, 1, "The surname field is required."),
        ({"sale_web_hook_key": "x"}, 56, "Invalid sale web hook key! Please check key name on"),
        ({"transaction_type": "x"}, 1, "The transaction_type is invalid."),
        ({"installments_number": "x"}, 1, "The installments_number must be an integer."),
        ({"installments_number": "13"}, 40, "Installment not found"),
        ({"is_cvv_less": "2"}, 1, "The is_cvv_less must be 0 or 1."),
        ({"bill_address1": "x" * 101}, 1, "The bill_address1 may not be greater than 100"),
        ({"bill_address2": "x" * 101}, 1, "The bill_address2 may not be greater than 100"),
        ({"bill_city": "İzmir \U0001f338"}, 85, "invalid character"),
        ({"bill_address1": "Kordon\n5"}, 85, "invalid character"),
        ({"bill_email": "şule@example.com"}, 1, "The bill_email must be a valid email address."),
        ({"bill_email": "a@b"}, 1, "The bill_email must be a valid email address."),
        ({"bill_phone": "+49 151 ext 12"}, 1, "The bill_phone format is invalid."),
        ({"ip": "203.0.113.9, 10.0.0.1"}, 1, "The ip must be a valid IP address."),
        ({"vpos_type": "x"}, 1, "The vpos_type must be insurance."),
        ({"vpos_type": "insurance"}, 106, "Invalid Merchant Type"),
        ({"response_method": "PUT"}, 1, "The response_method is invalid."),
    ],
)
def test_refused_requests(platformode, changes, code, text):
    answer = platformode.link(**changes)
    assert (answer["status"], answer["status_code"], answer["link"]) == ("false", code, "")
    assert answer["success_message"].startswith(text)
    assert answer["status_description"] == answer["success_message"]
    assert platformode.control("GET", "/platformode/payments") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"invoice_id": ""}, 1),
        ({"invoice_id": None}, 1),
        ({"invoice_id": "SO/1"}, 85),
        ({"invoice_id": "SO|1"}, 85),
        ({"invoice_id": "SÖ1"}, 85),
        ({"invoice_description": ""}, 1),
        ({"total": ""}, 1),
        ({"total": "0"}, 1),
        ({"total": "100,00"}, 1),
        ({"total": "100.001"}, 1),
        ({"total": "99.99"}, 13),
        ({"cancel_url": ""}, 404),
        ({"cancel_url": "/payment"}, 1),
        ({"return_url": ""}, 1),
        ({"return_url": "javascript:alert(1)"}, 1),
        ({"items": None}, 12),
        ({"items": "x"}, 12),
        ({"items": []}, 12),
        ({"items": {"0": item()}}, 12),
        ({"items": ["x"]}, 12),
        ({"items": [{"name": "x", "price": 100, "qty": 1, "description": ""}]}, 12),
        ({"items": [item("-1"), item("101")]}, 12),
        ({"items": [item("x")]}, 12),
        ({"items": [item(name="")]}, 12),
        ({"items": [item("40.00", 2.5)]}, 33),
        ({"items": [item("40.00", "2.5")]}, 33),
        ({"items": [item("100.00", -1)]}, 33),
        ({"items": [item("100.00"), item("5.00", 0)]}, 33),
        ({"items": [item("33.33", 3)]}, 13),
        ({"items": [item("90.00"), item("10.01", name="Vergi")]}, 13),
        ({"items": [item("120.00")], "discount": 20}, 13),
        ({"discount": "-20"}, 1),
        ({"discount": "x"}, 1),
    ],
)
def test_refused_invoices(platformode, changes, code):
    assert platformode.link(platformode.invoice(**changes))["status_code"] == code


@pytest.mark.parametrize(
    ("total", "items"),
    [
        (1300, [item(200, 2), item(100), item(400, 2)]),
        ("99.99", [item("33.33", 3)]),
        (0.3, [item(0.1), item(0.2)]),
        ("100.00", [item("33.3333", 3), item("0.0001")]),
        (120, [item(100), item(20, name="Vergi"), item(0, name="Nakliye Ücreti")]),
    ],
)
def test_items_that_add_up(platformode, total, items):
    assert platformode.link(platformode.invoice(total=total, items=items))["status"] == "true"


def test_a_discount_does_not_count(platformode):
    """In the sample the items add up to the total although a discount is given."""
    assert platformode.link(platformode.invoice(discount=20, coupon="3XY8P"))["status"] == "true"


@pytest.mark.parametrize("is_3d", [0, 1, 2])
def test_merchants_with_a_page_of_their_own(platformode, is_3d):
    platformode.configure(is_3d=is_3d)
    assert platformode.link()["status_code"] == 34


def test_an_invoice_id_serves_once(platformode):
    platformode.open()
    answer = platformode.link(name="Veli")
    assert answer["status_code"] == 3
    assert "is in the process" in answer["success_message"]
    platformode.pay()
    answer = platformode.link(name="Ali Can")
    assert (answer["status_code"], answer["success_message"]) == (
        3,
        "The invoice id already processed",
    )


def test_a_refused_request_uses_nothing_up(platformode):
    assert platformode.link(currency_code="XXX")["status_code"] == 12
    assert platformode.link()["status"] == "true"


RECURRING = {
    "order_type": "1",
    "recurring_payment_number": "3",
    "recurring_payment_cycle": "M",
    "recurring_payment_interval": "1",
    "recurring_web_hook_key": "odoo_recurring",
}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"installments_number": "2"}, "Recurring payment can not be installment sale"),
        ({"recurring_payment_number": ""}, "Recurring number can not be empty"),
        ({"recurring_payment_number": "x"}, "Recurring number must be an integer"),
        ({"recurring_payment_number": "1"}, "Recurring number must be greater than 1"),
        ({"recurring_payment_number": "122"}, "Recurring number should not be greater than 121"),
        ({"recurring_payment_cycle": ""}, "The recurring cycle can not be empty"),
        ({"recurring_payment_cycle": "W"}, "The recurring cycle unit is not valid."),
        ({"recurring_payment_interval": ""}, "Recurring interval can not be empty"),
        ({"recurring_payment_interval": "x"}, "Recurring interval must be an integer"),
        ({"recurring_payment_interval": "0"}, "Recurring interval must be greater than 0"),
        ({"recurring_payment_interval": "100"}, "Recurring interval should not be greater than 99"),
        ({"recurring_web_hook_key": ""}, "Recurring web hook key can not be empty."),
        ({"recurring_web_hook_key": "x"}, "Invalid recurring web hook key!"),
        ({"transaction_type": "PreAuth"}, "Recurring payment can not be a pre authorization"),
    ],
)
def test_refused_recurring_payments(platformode, changes, text):
    answer = platformode.link(**(RECURRING | changes))
    assert answer["status_code"] == 55
    assert answer["success_message"].startswith(text)


# --- the pages


def test_the_whole_way(platformode, shop):
    link = platformode.open()
    assert INVOICE in platformode.session.get(link).text
    secure = platformode.fill_in(link)
    assert secure.status_code == 303
    page = platformode.session.get(f"{link}/3d").text
    assert "435508****4358" in page
    assert "doğru şifre a" in page
    assert shop.received == []  # nothing has happened yet
    address, fields = platformode.come_back(platformode.confirm_3d(link))
    bundle = fields.pop("hash_key")
    order = platformode.payment()["order_id"]
    assert address == OK
    assert fields == {
        "payment_status": "1",
        "order_no": order,
        "order_id": order,
        "invoice_id": INVOICE,
        "status_code": "100",
        "status_description": "Payment process successful",
        "payment_method": "1",
        "transaction_type": "Auth",
        "error_code": "100",
        "error": "Payment process successful",
        "md_status": "1",
    }
    assert plain(bundle) == f"1|100.00|{INVOICE}|{order}|TRY"
    assert len(shop.received) == 1  # the shop knows before the browser comes back
    assert platformode.totals()["collected"] == 10000


def test_a_declined_card(platformode):
    link = platformode.open()
    platformode.fill_in(link, "4000010000000019")
    address, fields = platformode.come_back(platformode.confirm_3d(link))
    order = platformode.payment()["order_id"]
    assert address == FAIL
    assert (fields["payment_status"], fields["status_code"]) == ("0", "41")
    assert fields["md_status"] == "1"
    assert plain(fields["hash_key"]) == f"0|100.00|{INVOICE}|{order}|TRY"
    assert platformode.ledger()["entries"] == []


@pytest.mark.parametrize(
    ("card", "bank", "md_status"),
    [
        ("insufficient_funds", "51", 1),
        ("do_not_honour", "05", 1),
        ("security_check", "63", 1),
        ("fraud", "59", 1),
        ("technical", "96", 1),
        ("stolen", "43", 1),
        ("not_permitted", "", 1),
        ("not_enrolled", "", 2),
        ("authentication_fails", "", 0),
    ],
)
def test_cards_that_fail(platformode, card, bank, md_status):
    platformode.open()
    payment = platformode.pay(card=card)["payment"]
    assert (payment["state"], payment["bank"][0]) == ("failed", bank)
    assert payment["md_status"] == md_status
    assert payment["failure"][0] == ("60" if card == "not_permitted" else "41")


@pytest.mark.parametrize("card", ["visa", "troy", "foreign", "needs_3d", "no_instalments"])
def test_cards_that_pay(platformode, card):
    assert platformode.paid(card=card)["bank"] == ["", ""]


def test_foreign_cards_may_be_refused(platformode):
    platformode.configure(foreign_cards=False)
    platformode.open()
    assert platformode.pay(card="foreign")["payment"]["failure"][0] == "76"


def test_a_page_without_3d_secure(platformode):
    platformode.configure(branded_3d=False)
    back = platformode.fill_in(platformode.open())
    assert platformode.come_back(back)[1]["payment_status"] == "1"
    link = platformode.open("SO2")
    back = platformode.fill_in(link, "4000010000000068")
    assert platformode.come_back(back)[1]["payment_status"] == "0"


@pytest.mark.parametrize("page", ["", "/3d"])
def test_cancelling(platformode, shop, page):
    link = platformode.open()
    if page:
        platformode.fill_in(link)
        back = platformode.confirm_3d(link, action="cancel")
    else:
        back = platformode.fill_in(link, action="cancel")
    address, fields = platformode.come_back(back)
    assert (address, fields["payment_status"]) == (FAIL, "0")
    assert shop.received[0]["status"] == "Failed"


def test_a_wrong_password(platformode):
    link = platformode.open()
    platformode.fill_in(link)
    address, fields = platformode.come_back(platformode.confirm_3d(link, "b"))
    assert (address, fields["payment_status"], fields["md_status"]) == (FAIL, "0", "0")


@pytest.mark.parametrize(
    "changes",
    [
        {"cc_holder_name": ""},
        {"cvv": ""},
        {"cvv": "12"},
        {"expiry_month": "13"},
        {"expiry_year": "2020"},
        {"number": "4111111111111111"},
        {"number": ""},
        {"installments_number": "13"},
    ],
)
def test_mistakes_in_the_form_are_no_attempt(platformode, shop, changes):
    page = platformode.fill_in(platformode.open(), **changes)
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert platformode.payment()["state"] == "open"
    assert shop.received == []


def test_a_card_without_its_code(platformode):
    assert platformode.fill_in(platformode.open(is_cvv_less="1"), cvv="").status_code == 303


def test_what_is_over_is_over(platformode):
    link = platformode.open()
    platformode.pay()
    for page in (platformode.session.get(link), platformode.fill_in(link)):
        assert "sonuçlandı" in page.text
    assert platformode.confirm_3d(link).status_code == 200
    assert len(platformode.ledger()["entries"]) == 1


def test_unknown_pages(platformode):
    for path in ("/checkout/x", "/checkout/x/3d"):
        assert platformode.session.get(platformode.url + path).status_code == 404


def test_3d_secure_without_a_card(platformode):
    link = platformode.open()
    response = platformode.session.get(f"{link}/3d", allow_redirects=False)
    assert response.status_code == 303


def test_no_card_number_is_kept(platformode, shop):
    platformode.buy()
    everything = json.dumps(
        [
            platformode.payment(),
            platformode.control("GET", "/notifications"),
            platformode.ledger(),
            platformode.status(),
        ]
    )
    assert VISA not in everything
    assert VISA not in platformode.session.get(platformode.root).text.split("Test cards")[0]


# --- instalments


def offers(platformode, link: str, digits: str) -> list[tuple]:
    answer = platformode.session.get(f"{link}/offers", params={"bin": digits}).json()
    return [(offer["count"], offer["total"]) for offer in answer]


def test_offers_follow_card_and_merchant(platformode):
    link = platformode.open()
    assert offers(platformode, link, "540011")[:3] == [(1, "100,00"), (2, "104,00"), (3, "105,00")]
    assert len(offers(platformode, link, "540011")) == 12
    assert len(offers(platformode, link, "979203")) == 1  # a debit card
    assert len(offers(platformode, link, "400002")) == 1  # a foreign one
    platformode.configure(installments=[1, 3, 6])
    assert [count for count, _ in offers(platformode, link, "540011")] == [1, 3, 6]
    platformode.configure(commissions={"WORLD": {"1": [0, 0], "3": [100, 0]}})
    assert offers(platformode, link, "540011") == [(1, "100,00"), (3, "100,00")]
    assert len(offers(platformode, platformode.open("SO2", currency_code="EUR"), "540011")) == 1
    assert offers(platformode, platformode.open("SO3", installments_number="3"), "540011") == []
    assert offers(platformode, f"{platformode.url}/checkout/x", "540011") == []


@pytest.mark.parametrize("settings", [{"installments": []}, {"commissions": {}}])
def test_every_card_can_pay_at_once(platformode, settings):
    platformode.configure(**settings)
    link = platformode.open(installments_number="1")
    assert platformode.fill_in(link, WORLD).status_code == 303
    link = platformode.open("SO2")
    assert offers(platformode, link, "540011") == [(1, "100,00")]
    assert platformode.fill_in(link, WORLD, installments_number="2").status_code == 200


def test_the_buyer_pays_for_instalments(platformode):
    link = platformode.open()
    platformode.fill_in(link, WORLD, installments_number="3")
    fields = platformode.come_back(platformode.confirm_3d(link))[1]
    assert plain(fields["hash_key"]).startswith("1|100.00|")
    order = platformode.totals()
    assert (order["collected"], order["surcharge"]) == (10500, 500)


def test_the_hash_may_count_what_was_charged(platformode):
    platformode.configure(charged_in_hash=True)
    told = platformode.pay(
        platformode.open().rsplit("/", 1)[1], card="family_world", installments=3
    )
    assert plain(told["redirect"]["fields"]["hash_key"]).startswith("1|105.00|")


def test_instalments_fixed_by_the_shop(platformode):
    link = platformode.open(installments_number="3")
    assert "installments_number" not in platformode.session.get(link).text
    assert platformode.fill_in(link, VISA.replace("4355", "9792")).status_code == 200
    platformode.fill_in(link, WORLD, installments_number="1")
    platformode.confirm_3d(link)
    assert platformode.payment()["installments"] == 3


# --- redirects


def redirect(platformode) -> dict:
    """Where the browser goes, with a hash_key made anew."""
    return platformode.control("GET", f"/platformode/payments/{INVOICE}/redirect")


def test_an_address_with_a_query(platformode):
    platformode.link(platformode.invoice(return_url=f"{OK}?shop=1"))
    url = platformode.pay()["redirect"]["url"]
    assert url.startswith(f"{OK}?shop=1&payment_status=1&")


def test_a_plus_in_the_hash(platformode):
    """Escaped, unless the merchant is to find spaces where the pluses were."""

    def hashes() -> list[str]:
        urls = [redirect(platformode)["url"] for _ in range(40)]
        return [url.partition("hash_key=")[2] for url in urls]

    platformode.open()
    platformode.pay()
    assert any("%2B" in text for text in hashes())
    platformode.configure(raw_plus=True)
    assert any("+" in text for text in hashes())
    assert not any("%2B" in text for text in hashes())


def test_a_redirect_by_post(platformode):
    link = platformode.open(response_method="POST")
    platformode.fill_in(link)
    page = platformode.confirm_3d(link)
    assert page.status_code == 200
    assert f'action="{OK}"' in page.text
    assert 'name="payment_status" value="1"' in page.text
    assert "435508" not in page.text


# --- forgeries


def forge(platformode, **wish) -> dict[str, str]:
    path = f"/platformode/payments/{INVOICE}/forge"
    return platformode.control("POST", path, wish)["fields"]


def test_a_failure_turned_into_a_success(platformode):
    """The hash_key is encrypted and not authenticated: it opens, and it lies."""
    platformode.open()
    order = platformode.pay(card="stolen")["payment"]["order_id"]
    fields = forge(platformode)
    assert fields["payment_status"] == "1"
    assert plain(fields["hash_key"]) == f"1|100.00|{INVOICE}|{order}|TRY"
    assert int(fields["hash_key"][:16], 16)
    assert platformode.status()["status_code"] == 41


def test_other_forgeries(platformode):
    platformode.open()
    platformode.pay(card="stolen")
    platformode.paid("SO2")
    assert "|SO2|" in plain(forge(platformode, how="replay", of="SO2")["hash_key"])
    assert plain(forge(platformode, how="secret")["hash_key"], "x" * 32).startswith("1|100.00|")
    assert forge(platformode, fields={"invoice_id": "SO2"})["invoice_id"] == "SO2"


def test_hashes_are_made_anew(platformode):
    platformode.open()
    platformode.pay()
    assert len({redirect(platformode)["fields"]["hash_key"] for _ in range(5)}) == 5
