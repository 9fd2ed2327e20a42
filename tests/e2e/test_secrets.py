"""What no shop may keep, and no browser of a customer may send to it."""

import base64
import hmac
import re
from urllib.parse import urlencode

import pytest
import requests
from customer import NUMBERS
from parties import PSPS, Buyer

from dev.shop import MERCHANTS
from sandbox.platformode.wire import pack

NAMES = {
    "paytr": ("paytr_merchant_key", "paytr_merchant_salt"),
    "platformode": ("platformode_app_secret", "platformode_merchant_key"),
}
NUMBERS_IN_GROUPS = [" ".join(re.findall("....", number)) for number in NUMBERS.values()]
KEYS = [re.escape(MERCHANTS[code][name]) for code, names in NAMES.items() for name in names]
# As any form has it: the digits alone are everywhere.
SECURITY_CODE = r"([cC][vV][vV]|card_code)\W+000"
SECRETS = re.compile("|".join([*NUMBERS.values(), *NUMBERS_IN_GROUPS, *KEYS, SECURITY_CODE]))

# What somebody posts beside, or into, the fields that a PSP documents.
CARD = {
    "card_number": NUMBERS["visa"],
    "cc_no": NUMBERS_IN_GROUPS[0],
    "card_code": "000",
    "cvv": "000",
    "CVV": "000",
    "note": NUMBERS["mastercard"] * 100,
}
SAID = f"Kart {NUMBERS_IN_GROUPS[0]} reddedildi"
PAGES = ("start", "return", "status", "card", "left", "plans")
WAYS = {
    "a form": lambda fields: {"method": "POST", "data": fields},
    "a query": lambda fields: {"method": "GET", "params": fields},
    "a form and a query": lambda fields: {"method": "POST", "data": fields, "params": fields},
    "a body of JSON": lambda fields: {"method": "POST", "json": fields},
    "a call": lambda fields: {"method": "POST", "json": {"jsonrpc": "2.0", "params": fields}},
    "files": lambda fields: {"method": "POST", "files": {name: fields[name] for name in fields}},
}


def said_by_paytr(payment):
    """Return a genuine failure, whose words are not signed."""
    keys = MERCHANTS["paytr"]
    text = f"{payment.reference}{keys['paytr_merchant_salt']}failed0"
    digest = hmac.digest(keys["paytr_merchant_key"].encode(), text.encode(), "sha256")
    return {
        "merchant_oid": payment.reference,
        "status": "failed",
        "total_amount": "0",
        "failed_reason_code": "0",
        "failed_reason_msg": SAID,
        "hash": base64.b64encode(digest).decode(),
    }


def said_by_platformode(payment):
    """Return what its web hook and the browser of a customer who passed 3-D Secure say."""
    secret = MERCHANTS["platformode"]["platformode_app_secret"]
    order = (payment.reference, "162435932934307")
    return {
        "invoice_id": order[0],
        "order_id": order[1],
        "status": "1",
        "payment_status": "1",
        "md_status": "1",
        "status_description": SAID,
        "error_code": NUMBERS["visa"],
        "Hash_key": pack(secret, "1", "100.00", *order, "TRY"),
    }


def send(url, how, fields):
    referrer = {"Referer": f"{url.split('/payment')[0]}/shop/payment?{urlencode(CARD)}"}
    how = WAYS[how](fields)
    requests.request(**how, url=url, headers=referrer, allow_redirects=False, timeout=60)


def post_cards_where_they_do_not_belong(shop, odoo):
    """Post a card beside genuine messages and without any, in every way, to every page.

    Return the payments of genuine messages, which must be stored.
    """
    payments = []
    for code, said in (("paytr", said_by_paytr), ("platformode", said_by_platformode)):
        buyer, notify = Buyer(shop, odoo, code), f"{shop.url}/payment/{code}/notify"
        for way in WAYS:
            payment = buyer.choose()
            for fields in (CARD, said(payment) | CARD):
                for page in PAGES:
                    send(shop.url + payment.route(page), way, fields)
                send(f"{shop.url}/payment/{code}/return", way, fields)
            forged = CARD | said(payment) | {"hash": NUMBERS["visa"], "Hash_key": NUMBERS["visa"]}
            nameless = CARD | {"merchant_oid": NUMBERS["visa"], "invoice_id": NUMBERS["visa"]}
            for fields in (CARD, nameless, forged, said(payment) | CARD):
                send(notify, way, fields)
            payments += [payment] if "form" in way else []
    return payments


def leave_unanswered(shop, odoo):
    """Let a customer come back to a payment that the shop completes, and nobody answer that."""
    payment = Buyer(shop, odoo, "platformode").choose()
    PSPS["platformode"](shop).suffer("complete", "reset_before", payment)
    refs = '{"resumed": true, "flow": "card_3d"}'
    odoo.sql(f"UPDATE payment_transaction SET trpay_refs = '{refs}' WHERE id = {payment.id}")
    send(shop.url + payment.route("return"), "a form", said_by_platformode(payment) | CARD)
    return odoo.transaction(payment, "trpay_refs")["trpay_refs"]["unanswered"]


def tables_with_secrets(odoo):
    """Return the tables with a secret in any row, but for the columns of credentials."""
    tables = odoo.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split()
    credentials = "".join(f" - '{name}'" for names in NAMES.values() for name in names)
    row = f"(to_jsonb(r){credentials})::text"
    found = []
    for first in range(0, len(tables), 100):  # A statement may not be longer.
        names = (
            f"SELECT '{table}' WHERE EXISTS"
            f' (SELECT FROM "{table}" AS r, secrets WHERE {row} ~ pattern)'
            for table in tables[first : first + 100]
        )
        secrets = f"WITH secrets(pattern) AS (VALUES ('{SECRETS.pattern}'))"
        found += odoo.sql(f"{secrets} {' UNION ALL '.join(names)}").split()
    return found


@pytest.mark.last
@pytest.mark.viewport("desktop")
def test_no_secret_is_left_behind(customer, shop, odoo, psp, buyer, sent_to_odoo):
    payment = customer.come_to_pay(buyer.choose())
    customer.pay("mastercard")
    customer.expect_thanks()
    odoo.refund(odoo.wait_until_booked(payment), 40.00)
    odoo.wait_for_refunds(payment, ("done", -40.0))
    told = post_cards_where_they_do_not_belong(shop, odoo)
    assert leave_unanswered(shop, odoo)["status_description"] != SAID
    for each in told:
        domain = [("transaction_id", "=", each.id)]
        (message,) = odoo.find("trpay.notification", domain, "payload")
        assert "reddedildi" in message["payload"]

    assert tables_with_secrets(odoo) == []
    assert not SECRETS.search(shop.odoo_log.read_text(errors="replace"))
    assert any(payment.start_route in request for request in sent_to_odoo)
    assert not SECRETS.search("\n".join(sent_to_odoo))
