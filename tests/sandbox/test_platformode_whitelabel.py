"""Platformode's services for a card form of the shop's own, and what instalments cost."""

import pytest
import requests
from platformode_shop import FAIL, INVOICE, OK, VISA, WORLD, item
from platformode_signing import KEY, hash_key, plain

TROY = "9792030394440796"
REFUSALS = [
    ({"merchant_key": ""}, 1),
    ({"merchant_key": "x"}, 14),
    ({"name": ""}, 1),
    ({"surname": ""}, 1),
    ({"cc_no": ""}, 1),
    ({"cc_no": "4111111111111111"}, 108),
    ({"cc_holder_name": ""}, 1),
    ({"cc_holder_name": "x" * 101}, 1),
    ({"expiry_month": "13"}, 1),
    ({"expiry_year": "2020"}, 1),
    ({"cvv": ""}, 1),
    ({"cvv": "x"}, 1),
    ({"currency_id": ""}, 1),
    ({"currency_id": "2"}, 12),
    ({"currency_code": "XXX"}, 12),
    ({"installments_number": ""}, 1),
    ({"installments_number": "0"}, 1),
    ({"installments_number": "13"}, 40),
    ({"installments_number": "2", "cc_no": TROY}, 40),
    ({"invoice_id": ""}, 1),
    ({"invoice_id": "a b"}, 85),
    ({"invoice_description": ""}, 1),
    ({"total": "x"}, 1),
    ({"total": "99.99"}, 13),
    ({"items": ""}, 1),
    ({"items": [item(quantity="1.5")]}, 33),
    ({"sale_web_hook_key": "x"}, 56),
    ({"card_program": "x"}, 1),
    ({"card_program": "BONUS"}, 70),
    ({"transaction_type": "x"}, 1),
    ({"payment_completed_by": "x"}, 1),
    ({"order_type": "1"}, 55),
    ({"hash_key": ""}, 1),
    ({"hash_key": "x"}, 90),
    ({"hash_key": hash_key("99.00", "1", "TRY", KEY, INVOICE)}, 68),
    ({"hash_key": hash_key("100.00", "2", "TRY", KEY, INVOICE)}, 68),
    ({"hash_key": hash_key("100.00", "1", "USD", KEY, INVOICE)}, 68),
    ({"hash_key": hash_key("100.00", "1", "TRY", "x", INVOICE)}, 68),
    ({"hash_key": hash_key("100.00", "1", "TRY", KEY, "SO2")}, 68),
]


def fields(platformode, **changes) -> dict:
    number = {"number": changes.pop("cc_no")} if changes.get("cc_no") else {}
    card = platformode.card(**number)
    return card | platformode.order(**changes) | changes


# --- 3D


@pytest.fixture
def secure(platformode):
    platformode.configure(is_3d=2)
    return platformode


def test_3d(secure, shop):
    page = secure.pay_3d(WORLD, installments_number="3", card_program="WORLD")
    assert page.startswith(f"{secure.url}/checkout/")
    assert "540011****0002" in secure.session.get(page).text
    address, back = secure.come_back(secure.confirm_3d(page))
    assert (address, back["payment_status"], back["md_status"]) == (OK, "1", "1")
    order = secure.totals()
    assert (order["collected"], order["surcharge"]) == (10500, 500)
    assert plain(back["hash_key"]) == f"1|100.00|{INVOICE}|{back['order_id']}|TRY"
    assert shop.received[0]["status"] == "Completed"


def test_3d_that_fails(secure):
    page = secure.pay_3d("4000010000000027")
    address, back = secure.come_back(secure.confirm_3d(page))
    assert (address, back["payment_status"]) == (FAIL, "0")


def test_3d_answers_by_post(secure):
    page = secure.pay_3d(response_method="POST")
    answer = secure.confirm_3d(page)
    assert answer.status_code == 200
    assert f'action="{OK}"' in answer.text


def test_3d_for_a_hold(secure):
    secure.confirm_3d(secure.pay_3d(transaction_type="PreAuth"))
    assert secure.payment()["state"] == "held"


@pytest.mark.parametrize(("changes", "code"), REFUSALS)
def test_3d_refusals(secure, changes, code):
    answer = secure.submit("/api/paySmart3D", fields(secure, **changes))
    assert answer.json()["status_code"] == code, answer.text
    assert secure.control("GET", "/platformode/payments") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"cancel_url": ""}, 404), ({"return_url": ""}, 1), ({"response_method": "PUT"}, 1)],
)
def test_3d_needs_a_way_back(secure, changes, code):
    answer = secure.submit("/api/paySmart3D", fields(secure, **changes))
    assert answer.json()["status_code"] == code


@pytest.mark.parametrize("items", ["x", "{}", "[", '["x"]'])
def test_items_are_a_json_text(secure, items):
    answer = secure.submit("/api/paySmart3D", fields(secure, items=items))
    assert answer.json()["status_code"] == 12


@pytest.mark.parametrize("is_3d", [0, 4])
def test_merchants_without_3d(secure, is_3d):
    secure.configure(is_3d=is_3d)
    answer = secure.submit("/api/paySmart3D", fields(secure))
    assert answer.json()["status_code"] == 34


def test_an_invoice_id_serves_once(secure):
    secure.pay_3d()
    answer = secure.submit("/api/paySmart3D", fields(secure, name="Can"))
    assert answer.json()["status_code"] == 3


def test_a_double_click(secure):
    form = fields(secure)
    assert secure.submit("/api/paySmart3D", form).status_code == 303
    assert secure.submit("/api/paySmart3D", form).status_code == 429


def test_a_form_and_nothing_else(secure):
    response = requests.post(f"{secure.url}/api/paySmart3D", json=fields(secure))
    assert response.status_code == 400


def test_the_currencys_number_may_be_left_out(secure):
    secure.configure(currency_id_optional=True)
    secure.pay_3d(currency_id="")
    assert secure.payment()["currency"] == "TRY"


def test_only_the_lira_must_have_a_number(secure):
    link = secure.pay_3d(currency_code="USD", currency_id="")
    secure.confirm_3d(link)
    assert secure.ledger()["entries"][0]["currency"] == "USD"


def test_numbers_are_compared_as_numbers(secure):
    signed = hash_key("100", "1", "TRY", KEY, INVOICE)
    answer = secure.submit("/api/paySmart3D", fields(secure, total="100.00", hash_key=signed))
    assert answer.status_code == 303


# --- 2D


@pytest.fixture
def plain_2d(platformode):
    platformode.configure(is_3d=0)
    return platformode


def test_2d(plain_2d, shop):
    answer = plain_2d.call("/api/paySmart2D", fields(plain_2d))
    data = answer["data"]
    assert (answer["status_code"], answer["status_description"]) == (
        100,
        "Payment process successful",
    )
    assert plain(data.pop("hash_key")) == f"1|100.00|{INVOICE}|{data['order_no']}|TRY"
    assert data == {
        "order_no": plain_2d.payment()["order_id"],
        "invoice_id": INVOICE,
        "credit_card_no": "435508****4358",
        "transaction_type": "Auth",
        "payment_status": 1,
        "payment_method": 1,
        "error_code": 100,
        "error": "Payment process successful",
        "merchant_commission": "2.00",
        "user_commission": "0.00",
        "settlement_date": data["settlement_date"],
    }
    assert shop.wait(1)[0]["status"] == "Completed"
    assert plain_2d.totals()["collected"] == 10000


def test_2d_that_fails(plain_2d, shop):
    answer = plain_2d.call("/api/paySmart2D", fields(plain_2d, cc_no="4000010000000092"))
    data = answer["data"]
    assert (answer["status_code"], data["payment_status"]) == (41, 0)
    assert (data["error_code"], data["error"]) == ("43", "Çalıntı Kart-Karta el koyunuz")
    assert plain(data["hash_key"]).startswith("0|100.00|")
    assert "settlement_date" not in data
    assert shop.wait(1)[0]["status"] == "Failed"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000010000000068", 41),  # wants 3D Secure
        ("4000010000000050", 60),
        ("4000010000000100", 100),  # not enrolled for what is not asked
        ("4000010000000118", 100),
        ("4000020000000000", 100),
    ],
)
def test_cards_without_3d(plain_2d, number, code):
    answer = plain_2d.call("/api/paySmart2D", fields(plain_2d, cc_no=number))
    assert answer["status_code"] == code


def test_2d_for_a_hold(plain_2d):
    answer = plain_2d.call("/api/paySmart2D", fields(plain_2d, transaction_type="PreAuth"))
    assert answer["data"]["transaction_type"] == "Pre-Authorization"
    assert plain_2d.ledger()["entries"] == []


@pytest.mark.parametrize(("changes", "code"), REFUSALS)
def test_2d_refusals(plain_2d, changes, code):
    answer = plain_2d.call("/api/paySmart2D", fields(plain_2d, **changes))
    assert answer["status_code"] == code
    assert plain_2d.control("GET", "/platformode/payments") == []


@pytest.mark.parametrize("is_3d", [2, 4])
def test_merchants_without_2d(plain_2d, is_3d):
    plain_2d.configure(is_3d=is_3d)
    assert plain_2d.call("/api/paySmart2D", fields(plain_2d))["status_code"] == 34


def test_2d_needs_no_way_back(plain_2d):
    form = fields(plain_2d, cancel_url="", return_url="")
    assert plain_2d.call("/api/paySmart2D", form)["status_code"] == 100


def test_2d_items_are_an_array(plain_2d):
    assert plain_2d.call("/api/paySmart2D", fields(plain_2d, items="[]"))["status_code"] == 12


def test_2d_needs_a_token(plain_2d):
    plain_2d.call("/api/paySmart2D", fields(plain_2d), 401, headers={})


# --- insurance

INSURANCE = {"vpos_type": "insurance", "identity_number": "12345678901"}


def insured(platformode, number: str, **changes) -> dict:
    form = fields(platformode, **(INSURANCE | changes)) | {"cc_no": number}
    for name in ("cvv", "expiry_month", "expiry_year"):
        form.pop(name)
    return platformode.call("/api/paySmart2D", form)


@pytest.mark.parametrize("number", ["435508******4358", "43550843****4358"])
def test_insurance(plain_2d, number):
    plain_2d.configure(insurance=True)
    assert insured(plain_2d, number)["status_code"] == 100
    assert plain_2d.payment()["card"] == "435508****4358"


@pytest.mark.parametrize(
    "number", [VISA, "435508*****4358", "435508****4358", "411111******1111", "435508******435"]
)
def test_insurance_knows_parts_of_a_number(plain_2d, number):
    plain_2d.configure(insurance=True)
    assert insured(plain_2d, number)["status_code"] == 108


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"vpos_type": "sigorta"}, 1),
        ({"identity_number": ""}, 1),
        ({"identity_number": "123456789"}, 1),
        ({"identity_number": "123456789012"}, 1),
        ({"identity_number": "1234567890x"}, 1),
    ],
)
def test_insurance_refusals(plain_2d, changes, code):
    plain_2d.configure(insurance=True)
    assert insured(plain_2d, "435508******4358", **changes)["status_code"] == code


def test_insurers_only(plain_2d):
    assert insured(plain_2d, "435508******4358")["status_code"] == 106


def test_insurance_with_3d_secure_needs_the_whole_card(secure):
    secure.configure(insurance=True)
    form = fields(secure, **INSURANCE)
    answer = secure.submit("/api/paySmart3D", form | {"cc_no": "435508******4358"})
    assert answer.json()["status_code"] == 108
    answer = secure.submit("/api/paySmart3D", form | {"cvv": ""})
    assert answer.json()["status_code"] == 1
    assert secure.submit("/api/paySmart3D", form).status_code == 303


# --- agricultural cards

FARMER = "4000030000000009"


def test_agricultural_terms(secure):
    wish = {"credit_card": FARMER, "amount": "100", "currency_code": "TRY", "merchant_key": KEY}
    rows = secure.call("/api/getpos", wish)["data"]
    terms = [(row["maturity_period"], row["payment_frequency"]) for row in rows]
    assert terms == [(1, 1), (6, 1), (6, 3)]
    assert {row["installments_number"] for row in rows} == {1}


@pytest.mark.parametrize(
    ("number", "terms", "code"),
    [
        (FARMER, ("6", "3"), 100),
        (FARMER, ("", ""), 1),
        (FARMER, ("6", ""), 1),
        (FARMER, ("7", "3"), 1),
        (VISA, ("0", "0"), 100),
        (VISA, ("6", "3"), 1),
    ],
)
def test_an_agricultural_card_needs_its_terms(plain_2d, number, terms, code):
    names = ("maturity_period", "payment_frequency")
    form = fields(plain_2d, **dict(zip(names, terms, strict=True))) | {"cc_no": number}
    assert plain_2d.call("/api/paySmart2D", form)["status_code"] == code
    if code == 100:
        (row,) = plain_2d.call("/api/alltransaction", {})["data"]["data"]
        assert tuple(str(row[name]) for name in names) == terms


# --- getpos


def get_pos(platformode, **changes) -> dict:
    fields = {"credit_card": "540011", "amount": "100.00", "currency_code": "TRY"}
    return platformode.call("/api/getpos", fields | {"merchant_key": KEY} | changes)


def test_get_pos(platformode):
    answer = get_pos(platformode)
    assert (answer["status_code"], len(answer["data"])) == (100, 12)
    row = answer["data"][2]
    assert row.pop("hash_key").count(":") == 2
    assert row == {
        "pos_id": 3,
        "campaign_id": 0,
        "allocation_id": 0,
        "installments_number": 3,
        "card_program": "WORLD",
        "amount_to_be_paid": 105,
        "currency_code": "TRY",
        "currency_id": 1,
        "title": "3 Installments",
    }


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({"credit_card": WORLD}, 12),
        ({"credit_card": "5400 1100"}, 12),
        ({"credit_card": "979203"}, 1),
        ({"credit_card": "400002"}, 1),
        ({"currency_code": "EUR"}, 1),
        ({"is_recurring": 1}, 1),
    ],
)
def test_get_pos_by_card(platformode, changes, rows):
    data = get_pos(platformode, **changes)["data"]
    assert (len(data), data[0]["title"]) == (rows, "Single payment")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"merchant_key": "x"}, 3),  # and not 14: its own sample has it so
        ({"credit_card": ""}, 1),
        ({"credit_card": "54001"}, 108),
        ({"credit_card": "54001x"}, 108),
        ({"amount": "x"}, 1),
        ({"amount": "0"}, 1),
        ({"currency_code": "XXX"}, 12),
    ],
)
def test_get_pos_refusals(platformode, changes, code):
    assert get_pos(platformode, **changes)["status_code"] == code


def test_get_pos_of_a_2d_merchant(platformode):
    platformode.configure(is_3d=0)
    assert get_pos(platformode)["status_code"] == 34
    assert get_pos(platformode, is_2d=1)["status_code"] == 100


# --- instalments and commissions


def test_installments(platformode):
    platformode.configure(installments=[3, 1, 6])
    answer = platformode.call("/api/installments", {"merchant_key": KEY})
    assert (answer["status_code"], answer["installments"]) == (100, [1, 3, 6])


def test_no_installments(platformode):
    platformode.configure(installments=[])
    assert platformode.call("/api/installments", {"merchant_key": KEY})["status_code"] == 62


def test_installments_of_another(platformode):
    assert platformode.call("/api/installments", {"merchant_key": "x"})["status_code"] == 14


def test_commissions(platformode):
    platformode.configure(installments=[1, 3])
    answer = platformode.call("/api/commissions", {"currency_code": "TRY"})
    data = answer["data"]
    assert (answer["status_code"], list(data)) == (100, [str(count) for count in range(1, 13)])
    assert len(data["3"]) == 8
    assert data["3"][0] == {
        "card_program": "WORLD",
        "merchant_commission_percentage": "2.75",
        "merchant_commission_fixed": "0.00",
        "user_commission_percentage": "5.00",
        "user_commission_fixed": "0.00",
        "currency_code": "TRY",
        "installment": 3,
    }
    assert data["2"][0]["merchant_commission_percentage"] == "x"
    assert data["2"][0]["user_commission_fixed"] == "x"


def test_commissions_in_euros(platformode):
    data = platformode.call("/api/commissions", {"currency_code": "EUR"})["data"]
    assert data["1"][0]["user_commission_percentage"] == "0.00"
    assert data["3"][0]["user_commission_percentage"] == "x"


@pytest.mark.parametrize("fields", [{}, {"currency_code": "XXX"}])
def test_commissions_that_are_refused(platformode, fields):
    assert platformode.call("/api/commissions", fields)["status_code"] == 0
