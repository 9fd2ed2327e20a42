"""The hash_key against vectors that were computed outside this project."""

import json
from pathlib import Path

import pytest
from platformode_shop import INVOICE, WORLD, item
from platformode_signing import IV, KEY, MERCHANT, SALT, hash_key, plain

from sandbox.platformode.wire import mismatch, pack, unpack

SECRET = MERCHANT["app_secret"]
DATA = json.loads(Path(__file__).with_name("platformode_vectors.json").read_text())
VECTORS = {vector["case"]: vector for vector in DATA["vectors"] + DATA["extra"]}
FORGED = "FORGED_iv_bitflip_of_resp_fail_must_not_be_trusted"


def secret_of(vector: dict) -> str:
    return KEY if "merchant_key" in vector["case"] else SECRET


def test_the_vectors_are_of_this_merchant():
    assert (DATA["app_secret"], DATA["merchant_key"]) == (SECRET, KEY)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_every_vector_opens(vector):
    assert "|".join(unpack(secret_of(vector), vector["hash_key"])) == vector["plain"]
    assert plain(vector["hash_key"], secret_of(vector)) == vector["plain"]


@pytest.mark.parametrize("case", [case for case in VECTORS if case != FORGED])
def test_every_vector_is_made(case):
    vector = VECTORS[case]
    salt, secret = vector.get("salt", SALT), secret_of(vector)
    fields = vector["plain"].split("|")
    assert pack(secret, *fields, iv=IV, salt=salt) == vector["hash_key"]
    assert hash_key(*fields, secret=secret, salt=salt) == vector["hash_key"]


def test_every_bundle_is_another():
    bundles = {pack(SECRET, "1", "5.00") for _ in range(20)}
    assert len(bundles) == 20
    assert all(unpack(SECRET, bundle) == ["1", "5.00"] for bundle in bundles)


def test_slashes_that_were_not_replaced():
    vector = VECTORS["double_slash"]
    bundle = f"{IV}:0015:{vector['base64_raw']}"
    assert "//" in bundle
    assert "|".join(unpack(SECRET, bundle)) == vector["plain"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "x",
        lambda text: text.replace("__", "_"),
        lambda text: text.replace("__", "___"),
        lambda text: text.replace("+", " "),
        lambda text: text[:-4],
        lambda text: text.replace(":", "|"),
        lambda text: text[1:],
        lambda text: text.replace(SALT, "a1b3"),
        lambda text: "ğ" + text[1:],
        lambda text: "\ud800" + text[1:],
    ],
)
def test_a_damaged_bundle_is_none(damage):
    bundle = VECTORS["pay_inst3"]["hash_key"]
    assert "+" in bundle
    assert "__" in bundle
    assert unpack(SECRET, damage(bundle)) is None


def test_another_secret_opens_nothing():
    assert unpack("other", VECTORS["pay"]["hash_key"]) is None


@pytest.mark.parametrize(
    ("fields", "differs"),
    [
        ({"total": "100.00", "invoice_id": "7"}, None),
        ({"total": "100", "invoice_id": "7"}, None),  # numbers are compared as numbers
        ({"total": "100.000", "invoice_id": "7"}, None),
        ({"total": "100.01", "invoice_id": "7"}, "total"),
        ({"total": "", "invoice_id": "7"}, "total"),
        ({"total": "100", "invoice_id": "07"}, "invoice_id"),  # names are not
        ({"total": "100"}, ""),
    ],
)
def test_what_a_hash_disagrees_about(fields, differs):
    assert mismatch(SECRET, hash_key("100.0", "7"), fields) == differs


# --- and what the services make of them


def vector(case: str) -> str:
    return VECTORS[case]["hash_key"]


def test_status_takes_the_vector(platformode):
    platformode.paid()
    assert platformode.status(hash_key=vector("checkstatus"))["status_code"] == 100


@pytest.mark.parametrize(
    ("case", "total", "count"), [("pay", "100.00", "1"), ("pay_inst3", "1300.00", "3")]
)
def test_payments_take_the_vectors(platformode, case, total, count):
    platformode.configure(is_3d=0)
    wish = {"total": total, "items": [item(total)], "installments_number": count}
    fields = platformode.order(**wish) | platformode.card(WORLD)
    answer = platformode.call("/api/paySmart2D", fields | {"hash_key": vector(case)})
    assert answer["status_code"] == 100


@pytest.mark.parametrize(("case", "amount"), [("refund_part", "10.50"), ("refund_rest", "")])
def test_refunds_take_the_vectors(platformode, case, amount):
    platformode.paid()
    assert platformode.refund(amount, hash_key=vector(case))["status_code"] == 100


@pytest.mark.parametrize(("case", "status"), [("confirm_capture", "1"), ("confirm_void", "2")])
def test_confirmations_take_the_vectors(platformode, case, status):
    platformode.open(transaction_type="PreAuth")
    platformode.pay()
    assert platformode.confirm(status, hash_key=vector(case))["status_code"] == 100


def test_completion_takes_the_vector(platformode):
    """Its order is none of ours, but that is another refusal than the one of a hash."""
    answer = platformode.complete("162616268649431", hash_key=vector("complete"))
    assert answer["status_code"] == 31


@pytest.mark.parametrize(
    ("case", "holder"), [("saveCard", "ALI VELI"), ("saveCard_utf8", "ŞÜKRÜ ÖZ")]
)
def test_save_card_takes_the_vectors(platformode, case, holder):
    fields = {
        "merchant_key": KEY,
        "customer_number": "1001",
        "card_holder_name": holder,
        "card_number": "4111111111111111",  # no card of the sandbox
        "expiry_month": "12",
        "expiry_year": "2030",
        "hash_key": vector(case),
    }
    assert platformode.call("/api/saveCard", fields)["status_code"] == 108


def test_delete_card_takes_the_vector(platformode):
    fields = {
        "merchant_key": KEY,
        "customer_number": "1001",
        "card_token": "WNPDZDQNMVNRQO23TESTTOKEN",
        "hash_key": vector("editDeleteCard"),
    }
    assert platformode.call("/api/deleteCard", fields)["status_code"] == 88


def test_get_transactions_takes_the_vector(platformode):
    signed = vector("getTransactions_password_is_sha1_of_merchant_key")
    fields = {"merchant_key": KEY, "date": "2021-02-10", "hash_key": signed}
    assert platformode.call("/api/getTransactions", fields)["status_code"] == 100


def test_a_forgery_is_what_the_vector_is(platformode):
    platformode.open()
    platformode.pay(card="stolen")
    path = f"/platformode/payments/{INVOICE}/forge"
    forged = platformode.control("POST", path)["fields"]["hash_key"]
    assert unpack(SECRET, forged)[:3] == VECTORS[FORGED]["plain"].split("|")[:3]
