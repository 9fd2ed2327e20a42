"""Platformode's saved cards, and paying with them."""

import json

import pytest
import requests
from platformode_shop import INVOICE, OK, VISA, WORLD
from platformode_signing import KEY, hash_key, plain

HOLDER, CUSTOMER = "ALİ VELİ", "1001"


def call_save(platformode, number: str = VISA, **changes) -> dict:
    fields = {
        "merchant_key": KEY,
        "customer_number": CUSTOMER,
        "card_holder_name": HOLDER,
        "card_number": number,
        "expiry_month": "12",
        "expiry_year": "2030",
    }
    fields["hash_key"] = hash_key(*(fields | changes).values()) if "hash_key" not in changes else ""
    return platformode.call("/api/saveCard", fields | changes)


def save(platformode, number: str = VISA, **changes) -> str:
    answer = call_save(platformode, number, **changes)
    assert answer["status_code"] == 100, answer
    return answer["card_token"]


def with_token(platformode, path: str, token: str, **changes) -> dict:
    fields = {"merchant_key": KEY, "customer_number": CUSTOMER, "card_token": token}
    fields["hash_key"] = hash_key(*(fields | changes).values()) if "hash_key" not in changes else ""
    return platformode.call(path, fields | changes)


def edit(platformode, token: str, **changes) -> dict:
    signed = changes.pop("hash_key", "") or hash_key(
        KEY, changes.get("customer_number", CUSTOMER), changes.get("card_token", token)
    )
    expiry = {"expiry_month": "11", "expiry_year": "2031"}
    return with_token(platformode, "/api/editCard", token, **(expiry | changes), hash_key=signed)


def delete(platformode, token: str, **changes) -> dict:
    return with_token(platformode, "/api/deleteCard", token, **changes)


def tokens(platformode, customer: str = CUSTOMER) -> list[dict]:
    fields = {"merchant_key": KEY, "customer_number": customer}
    platformode.wait_for(2)
    return platformode.call("/api/getCardTokens", fields)["data"]


# --- save


def test_saving(platformode):
    token = save(platformode)
    assert len(token) == 48
    assert token.isalnum()
    assert VISA not in json.dumps(tokens(platformode))


def test_saving_takes_no_odd_characters(platformode):
    with_emoji = call_save(platformode, card_holder_name="Ali \U0001f338")
    assert with_emoji["status_code"] == 85


def test_saving_asks_no_bank(platformode):
    assert save(platformode, "4000010000000019")  # Its bank will refuse every payment.


def test_what_is_kept_is_known_without_its_number(platformode):
    token = save(platformode)
    kept = platformode.control("GET", "/platformode/stored-cards")
    assert kept == [{"token": token, "customer": CUSTOMER, "expiry": ["12", "2030"]}]


def test_every_card_has_a_token(platformode):
    first, second = save(platformode), save(platformode, WORLD, card_holder_name="ŞÜKRÜ ÖZ")
    assert [row["card_token"] for row in tokens(platformode)] == [first, second]


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"merchant_key": "x"}, 14, "Merchant Not Found !"),
        ({"card_holder_name": ""}, 1, "The card_holder_name field is required."),
        ({"card_holder_name": "x" * 101}, 86, "Save Card Token failed"),
        ({"customer_number": ""}, 1, "The customer_number field is required."),
        ({"customer_number": "A1"}, 86, "Save Card Token failed"),
        ({"number": "4111111111111111"}, 108, "Invalid Card Number"),
        ({"expiry_month": "13"}, 86, "Save Card Token failed"),
        ({"expiry_year": "2020"}, 86, "Save Card Token failed"),
        ({"hash_key": "x"}, 90, "Invalid Hash key"),
    ],
)
def test_cards_that_are_not_saved(platformode, changes, code, text):
    answer = call_save(platformode, **changes)
    assert (answer["status_code"], answer["status_description"]) == (code, text)
    assert tokens(platformode) == []


@pytest.mark.parametrize(
    ("position", "code", "text"),
    [
        (0, 91, "Hash key mismatched with merchant key"),
        (1, 92, "Hash key mismatched with customer number"),
        (2, 93, "Hash key mismatched with card holder name"),
        (3, 94, "Hash key mismatched with card number"),
        (4, 95, "Hash key mismatched with expiry month"),
        (5, 96, "Hash key mismatched with expiry year"),
    ],
)
def test_a_hash_of_something_else(platformode, position, code, text):
    fields = [KEY, CUSTOMER, HOLDER, VISA, "12", "2030"]
    fields[position] = "0"
    answer = call_save(platformode, hash_key=hash_key(*fields))
    assert (answer["status_code"], answer["status_description"]) == (code, text)


# --- edit, delete, list


def test_editing(platformode):
    token = save(platformode)
    assert edit(platformode, token) == {
        "status_code": 100,
        "status_description": "The card token updated successfully",
        "card_token": token,
    }
    platformode.wait_for(2)
    assert edit(platformode, token, card_holder_name="VELİ ALİ")["status_code"] == 100


@pytest.mark.parametrize("changes", [{"expiry_month": "13"}, {"expiry_year": "2020"}])
def test_edits_that_fail(platformode, changes):
    assert edit(platformode, save(platformode), **changes)["status_code"] == 89


def test_deleting(platformode):
    token = save(platformode)
    assert delete(platformode, token) == {
        "status_code": 100,
        "status_description": "Card deleted successfully",
    }
    assert tokens(platformode) == []
    assert delete(platformode, token)["status_code"] == 88


@pytest.mark.parametrize(("service", "code"), [(edit, 89), (delete, 88)])
@pytest.mark.parametrize("changes", [{"card_token": "x"}, {"customer_number": "1002"}])
def test_tokens_of_nobody(platformode, service, code, changes):
    assert service(platformode, save(platformode), **changes)["status_code"] == code


@pytest.mark.parametrize("service", [edit, delete])
@pytest.mark.parametrize(
    ("position", "code"),
    [(0, 91), (1, 92), (2, 97)],
)
def test_hashes_of_another_token(platformode, service, position, code):
    token = save(platformode)
    fields = [KEY, CUSTOMER, token]
    fields[position] = "0"
    assert service(platformode, token, hash_key=hash_key(*fields))["status_code"] == code
    assert len(tokens(platformode)) == 1


def test_deleting_another_merchants(platformode):
    answer = delete(platformode, save(platformode), merchant_key="x")
    assert (answer["status_code"], answer["status_description"]) == (41, "Invalid merchant Key")


def test_listing(platformode):
    token = save(platformode, customer_number="1002")
    answer = platformode.call(
        "/api/getCardTokens", {"merchant_key": KEY, "customer_number": "1002"}
    )
    (row,) = answer["data"]
    assert row.pop("created_at") == row.pop("updated_at")
    assert row == {
        "id": 1,
        "pos_id": 0,
        "card_token": token,
        "merchant_id": 56789,
        "customer_number": "1002-56789",
        "customer_name": "",
        "customer_email": "",
        "customer_phone": "",
        "bin": "435508",
    }


@pytest.mark.parametrize("by", ["params", "json"])
def test_listing_by_get(platformode, by):
    save(platformode)
    fields = {"merchant_key": KEY, "customer_number": CUSTOMER}
    url = f"{platformode.url}/api/getCardTokens"
    answer = requests.get(url, headers=platformode.headers(), **{by: fields}).json()
    assert len(answer["data"]) == 1


def test_listing_another_merchants(platformode):
    answer = platformode.call("/api/getCardTokens", {"merchant_key": "x", "customer_number": "1"})
    assert answer["status_code"] == 14
    assert platformode.call("/api/getCardTokens", {"merchant_key": KEY})["status_code"] == 1


# --- paying


def order(platformode, token: str, **changes) -> dict:
    buyer = {
        "card_token": token,
        "customer_number": CUSTOMER,
        "customer_email": "ali.veli@example.com",
        "customer_phone": "05551234567",
        "customer_name": "Ali Veli",
    }
    return platformode.order(**(buyer | changes))


def test_paying_with_3d(platformode):
    platformode.configure(is_3d=1)
    answer = platformode.submit("/api/payByCardToken", order(platformode, save(platformode)))
    assert answer.status_code == 303
    address, fields = platformode.come_back(platformode.confirm_3d(answer.headers["Location"]))
    assert (address, fields["payment_status"]) == (OK, "1")
    assert platformode.totals()["collected"] == 10000


def test_paying_without_3d(platformode):
    platformode.configure(is_3d=1)
    form = order(platformode, save(platformode, WORLD), installments_number="3")
    answer = platformode.call("/api/payByCardTokenNonSecure", form)
    assert (answer["status_code"], answer["data"]["payment_status"]) == (100, 1)
    assert plain(answer["data"]["hash_key"]).startswith(f"1|100.00|{INVOICE}|")
    assert platformode.totals()["collected"] == 10500


def test_tokens_are_not_kept_with_payments(platformode):
    platformode.configure(is_3d=1)
    token = save(platformode)
    platformode.call("/api/payByCardTokenNonSecure", order(platformode, token))
    assert token not in json.dumps(platformode.payment()["form"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"card_token": "x"}, 87),
        ({"customer_number": "1002"}, 87),
        ({"card_token": ""}, 1),
        ({"customer_email": ""}, 1),
        ({"customer_phone": ""}, 1),
        ({"customer_name": ""}, 1),
        ({"installments_number": "2", "invoice_id": "SO9"}, 40),
        ({"hash_key": hash_key("1.00", "1", "TRY", KEY, INVOICE)}, 68),
        ({"total": "99.00"}, 13),
    ],
)
@pytest.mark.parametrize("secure", [True, False])
def test_payments_that_are_refused(platformode, secure, changes, code):
    platformode.configure(is_3d=1)
    form = order(platformode, save(platformode, "9792030394440796"), **changes)
    if secure:
        answer = platformode.submit("/api/payByCardToken", form).json()
    else:
        answer = platformode.call("/api/payByCardTokenNonSecure", form)
    assert answer["status_code"] == code


def test_merchants_who_may_not(platformode):
    platformode.configure(is_3d=1, token_pay=False)
    form = order(platformode, save(platformode))
    assert platformode.submit("/api/payByCardToken", form).json()["status_code"] == 79
    assert platformode.call("/api/payByCardTokenNonSecure", form)["status_code"] == 79


def test_a_stored_card_pays_insurers_only_as_one(platformode):
    platformode.configure(is_3d=1)
    form = order(platformode, save(platformode)) | {"vpos_type": "insurance"}
    path = "/api/payByCardTokenNonSecure"
    assert platformode.call(path, form)["status_code"] == 106
    platformode.configure(insurance=True)
    assert platformode.call(path, form | {"identity_number": "1"})["status_code"] == 1
    assert platformode.call(path, form | {"identity_number": "12345678901"})["status_code"] == 100


@pytest.mark.parametrize(
    ("is_3d", "path"), [(0, "/api/payByCardToken"), (2, "/api/payByCardTokenNonSecure")]
)
def test_the_other_kind_of_merchant(platformode, is_3d, path):
    platformode.configure(is_3d=is_3d)
    form = order(platformode, save(platformode))
    answer = platformode.call(path, form) if is_3d else platformode.submit(path, form).json()
    assert answer["status_code"] == 34


def test_a_deleted_card_pays_nothing(platformode):
    platformode.configure(is_3d=1)
    token = save(platformode)
    delete(platformode, token)
    answer = platformode.call("/api/payByCardTokenNonSecure", order(platformode, token))
    assert answer["status_code"] == 87
