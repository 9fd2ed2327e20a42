"""Signatures against vectors that were computed outside this project."""

import pytest
from paytr_signing import MERCHANT

from sandbox.paytr.wire import is_signed, sign


def test_every_vector(vectors):
    for vector in vectors.values():
        assert sign(MERCHANT["key"], vector["message"]) == vector["token"], vector["case"]


def test_fields_are_joined_by_nothing(vectors):
    vector = vectors["refund 11.97"]
    fields = ("123456", "SO0001x7f3a", "11.97", MERCHANT["salt"])
    assert is_signed(vector["token"], MERCHANT["key"], *fields)


@pytest.mark.parametrize(
    "token", ["", "Lb9I", "ÖÇŞ", "Lb9IDEJWch0bdUoTtC18Xd33Vc7HnsN6Wk3v9r2QmV8"]
)
def test_a_damaged_token_is_not_a_signature(token):
    fields = ("123456", "SO0001x7f3a", "11.97", MERCHANT["salt"])
    assert not is_signed(token, MERCHANT["key"], *fields)


def test_get_token_takes_the_vector(paytr, vectors):
    token = vectors["iframe TL, inst allowed, max 0, test"]["token"]
    answer = paytr.get_token(paytr.card_fields(paytr_token=token))
    assert answer["status"] == "success"


def test_get_token_takes_the_vector_in_dollars(paytr, vectors):
    token = vectors["iframe USD, no inst, live"]["token"]
    fields = paytr.card_fields(no_installment="1", currency="USD", test_mode="0", paytr_token=token)
    assert paytr.get_token(fields)["status"] == "success"


def test_eft_token_takes_the_vector(paytr, vectors):
    paytr.configure(eft=True)
    answer = paytr.get_token(paytr.eft_fields(paytr_token=vectors["eft"]["token"]))
    assert answer["status"] == "success"


@pytest.mark.parametrize(
    ("case", "wish"),
    [
        ("callback success", {}),
        ("callback success surcharge", {"card": "family_world", "installments": 3}),
        ("callback failed", {"outcome": "wrong_code"}),
    ],
)
def test_notifications_carry_the_vectors_hash(paytr, shop, vectors, case, wish):
    paytr.pay(paytr.open(), **wish)
    assert shop.wait(1)[0]["hash"] == vectors[case]["token"]


def test_interim_notification_carries_the_vectors_hash(paytr, shop, vectors):
    paytr.configure(eft=True, interim_url=shop.url)
    paytr.control("POST", f"/paytr/tokens/{paytr.open_eft()}/claim", {"bank": "isbank"})
    assert shop.wait(1)[0]["hash"] == vectors["eft interim"]["token"]


@pytest.mark.parametrize("amount", ["11.97", "49.00"])
def test_refund_takes_the_vectors(paytr, vectors, amount):
    token = vectors[f"refund {amount}"]["token"]
    answer = paytr.refund(paytr.paid_order(), amount, paytr_token=token)
    assert answer["status"] == "success"


def test_status_takes_the_vector(paytr, vectors):
    oid = paytr.paid_order()
    assert paytr.status(oid, paytr_token=vectors["status"]["token"])["status"] == "success"


def test_rates_take_the_vector(paytr, vectors):
    token = vectors["installment"]["token"]
    fields = {"merchant_id": "123456", "request_id": "1755000000", "paytr_token": token}
    assert paytr.post("/odeme/taksit-oranlari", fields)["status"] == "success"


def test_bin_detail_takes_the_vector(paytr, vectors):
    fields = {
        "merchant_id": "123456",
        "bin_number": "435508",
        "paytr_token": vectors["bin"]["token"],
    }
    assert paytr.post("/odeme/api/bin-detail", fields)["status"] == "success"
