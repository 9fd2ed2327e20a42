"""PayTR Link API: create, delete, send, the page, the callback."""

import pytest
from paytr_signing import MERCHANT, signature

SALT = MERCHANT["salt"]
PRODUCT = {
    "merchant_id": "123456",
    "name": "Deneme",
    "price": "1445",
    "currency": "TL",
    "max_installment": "12",
    "link_type": "product",
    "lang": "tr",
    "min_count": "1",
}
COLLECTION = {
    "merchant_id": "123456",
    "name": "Deneme",
    "price": "1445",
    "currency": "TL",
    "max_installment": "1",
    "link_type": "collection",
    "lang": "tr",
    "email": "ali.veli@example.com",
}


@pytest.fixture(autouse=True)
def permission(paytr):
    paytr.configure(links=True, accept_local_callback=True)


def create(paytr, fields=PRODUCT, **changes) -> dict:
    fields = fields | changes
    names = ("name", "price", "currency", "max_installment", "link_type", "lang")
    last = "email" if fields["link_type"] == "collection" else "min_count"
    token = signature(*(fields.get(name, "") for name in (*names, last)), SALT)
    return paytr.post("/odeme/api/link/create", {"paytr_token": token} | fields)


def visit(paytr, link_id: str):
    return paytr.session.get(f"{paytr.url}/link/{link_id}", allow_redirects=False)


def token_of(paytr, link_id: str) -> str:
    return visit(paytr, link_id).headers["Location"].rsplit("/", 1)[1]


@pytest.mark.parametrize(
    ("fields", "case"),
    [(PRODUCT, "link create product"), (COLLECTION, "link create collection")],
)
def test_create_takes_the_vectors(paytr, vectors, fields, case):
    answer = create(paytr, fields, paytr_token=vectors[case]["token"])
    assert answer["status"] == "success"
    assert answer["link"] == f"{paytr.url}/link/{answer['id']}"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "abc"},
        {"name": "a" * 201},
        {"price": "14.45"},
        {"price": "0"},
        {"currency": "TRY"},
        {"max_installment": "0"},
        {"max_installment": "13"},
        {"link_type": "gift"},
        {"lang": "de"},
        {"min_count": ""},
        {"max_count": "many"},
        {"expiry_date": "tomorrow"},
        {"callback_link": "ftp://shop.example/x", "callback_id": "CB0001"},
        {"callback_link": "https://shop.example/x"},
        {"callback_link": "https://shop.example/x", "callback_id": "CB-1"},
    ],
)
def test_create_refusals(paytr, changes):
    answer = create(paytr, **changes)
    name = "callback_link" if "callback_link" in changes else next(iter(changes))
    reason = f"Zorunlu alan degeri gecersiz veya gonderilmedi (Link API - create): {name}"
    assert answer == {"status": "error", "reason": reason}


@pytest.mark.parametrize(
    "url", ["http://localhost/x", "http://127.0.0.1/x", "https://shop.example:8443/x"]
)
def test_callbacks_to_this_machine_are_for_demos(paytr, url):
    paytr.configure(accept_local_callback=False)
    answer = create(paytr, callback_link=url, callback_id="CB0001")
    assert answer["reason"].endswith("callback_link")


@pytest.mark.parametrize(
    ("changes", "settings", "reason"),
    [
        ({"merchant_id": "9"}, {}, "Gecersiz istek veya magaza aktif degil"),
        ({"paytr_token": "x"}, {}, "paytr_token gonderilmedi veya gecersiz"),
        ({}, {"links": False}, "Bu servis icin yetkiniz yok"),
    ],
)
def test_who_may_create(paytr, changes, settings, reason):
    paytr.configure(**settings)
    assert create(paytr, **changes) == {"status": "error", "reason": reason}


def test_a_link_is_paid_and_calls_back(paytr, shop):
    link = create(paytr, callback_link=shop.url, callback_id="CB0001")
    token = token_of(paytr, link["id"])
    paytr.buyer_pays(token)
    assert "Ödemeniz alındı" in paytr.buyer_confirms(token).text
    (message,) = shop.received
    payment = paytr.payment(token)
    assert message["merchant_oid"] == payment["merchant_oid"]  # made by PayTR
    assert message["callback_id"] == "CB0001"
    signed = "CB0001" + message["merchant_oid"] + SALT + "success" + "1445"
    assert message["hash"] == signature(signed)
    assert payment["acknowledged"]


def test_the_callback_carries_the_vectors_hash(server, paytr, shop, vectors):
    link = create(paytr, callback_link=shop.url, callback_id="CB0001")
    payment = server.sandbox.psps["paytr"].store.by_token(token_of(paytr, link["id"]))
    payment.oid = "SO0001x7f3a"
    paytr.pay(payment.token)
    assert shop.received[0]["hash"] == vectors["link callback"]["token"]


def test_a_failure_is_not_called_back(paytr, shop):
    link = create(paytr, callback_link=shop.url, callback_id="CB0001")
    token = token_of(paytr, link["id"])
    paytr.pay(token, card="insufficient_funds")
    assert paytr.control("GET", "/notifications") == []
    paytr.pay(token)
    assert [message["status"] for message in shop.received] == ["success"]


def test_a_link_without_a_callback(paytr, shop):
    token = token_of(paytr, create(paytr)["id"])
    told = paytr.pay(token)
    assert (told["notification"], told["payment"]["acknowledged"]) == (None, True)


def test_leaving_the_page(paytr):
    token = token_of(paytr, create(paytr)["id"])
    assert "sonuçlandı" in paytr.buyer_pays(token, action="cancel").text


def test_a_link_sells_so_often_and_so_long(paytr):
    limited = create(paytr, max_count="1", min_count="2")["id"]
    told = paytr.pay(token_of(paytr, limited))
    assert told["payment"]["amount"] == 2890
    expired = create(paytr, expiry_date="2020-01-01 00:00:00")["id"]
    unknown = "nothing"
    for link_id in (limited, expired, unknown):
        assert visit(paytr, link_id).status_code == 404


def delete(paytr, ids: str, **changes) -> dict:
    fields = {"merchant_id": "123456", "id": ids}
    token = signature(ids, "123456", SALT)
    return paytr.post("/odeme/api/link/delete", fields | {"paytr_token": token} | changes)


def test_delete(paytr):
    link_id = create(paytr)["id"]
    answer = delete(paytr, f"{link_id},nothing")
    assert answer == {"status": "success", "success": [link_id], "failed": ["nothing"]}
    assert visit(paytr, link_id).status_code == 404


@pytest.mark.parametrize(
    ("ids", "changes"),
    [("A", {"merchant_id": "9"}), ("A", {"paytr_token": "x"}), (",".join("ABCDEFGHIJK"), {})],
)
def test_delete_refusals(paytr, ids, changes):
    assert delete(paytr, ids, **changes)["status"] == "error"


def test_delete_takes_the_vector(paytr, vectors):
    answer = delete(paytr, "ABC123", paytr_token=vectors["link delete"]["token"])
    assert answer["failed"] == ["ABC123"]


def send(paytr, service: str, name: str, link_id: str, address: str, **changes) -> dict:
    fields = {"merchant_id": "123456", "id": link_id, name: address}
    token = signature(link_id, "123456", address, SALT)
    url = f"/odeme/api/link/send-{service}"
    return paytr.post(url, fields | {"paytr_token": token} | changes)


def test_sending_is_noted(paytr):
    link_id = create(paytr)["id"]
    assert send(paytr, "sms", "cell_phone", link_id, "05551234567") == {"status": "success"}
    assert send(paytr, "email", "email", link_id, "a@example.com") == {"status": "success"}
    (link,) = paytr.control("GET", "/paytr/links")
    assert link["sent_to"] == ["05551234567", "a@example.com"]


@pytest.mark.parametrize(
    ("service", "name", "address", "case"),
    [
        ("sms", "cell_phone", "05551234567", "link sms"),
        ("email", "email", "ali.veli@example.com", "link email"),
    ],
)
def test_sending_takes_the_vectors(paytr, vectors, service, name, address, case):
    """The vectors' link does not exist, but the signature is right."""
    token = vectors[case]["token"]
    answer = send(paytr, service, name, "ABC123", address, paytr_token=token)
    assert answer["reason"].endswith(": id")
    answer = send(paytr, service, name, "ABC123", address, paytr_token="x")
    assert answer["reason"] == "paytr_token gonderilmedi veya gecersiz"


def test_sending_to_nowhere(paytr):
    link_id = create(paytr)["id"]
    assert send(paytr, "sms", "cell_phone", link_id, "555")["status"] == "error"
    assert send(paytr, "sms", "cell_phone", link_id, "555", merchant_id="9")["status"] == "error"
