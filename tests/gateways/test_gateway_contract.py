"""What every gateway promises, whoever its PSP is: a new one is tested here as it is registered."""

import copy
import functools
import importlib
import inspect
import json
import logging
import operator
import re
import string
import sys
import unicodedata
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl

import idna
import pytest
import requests
import responses
from forms import is_plain
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import CHECKOUT
from urllib3.exceptions import MaxRetryError, NewConnectionError

from gateways import GATEWAYS, contact
from gateways.base import (
    LONGEST_TEXT,
    Agreement,
    BadMessage,
    Card,
    Claim,
    Contact,
    Embed,
    Gateway,
    GatewayError,
    ListedPayment,
    MaskedCard,
    Money,
    Order,
    Outcome,
    Plan,
    Reason,
    RecurrenceStatus,
    Redirect,
    Refund,
    Refused,
    State,
    Statement,
    StoredCard,
)
from gateways.keyring import Keyring
from gateways.transport import NoAnswer, TransportError, Unreachable

# Credentials that say who a merchant is; whatever else one is given must be kept secret.
IDENTIFIERS = {"merchant_id", "app_id", "publishable_key"}
ODOO_METHODS = {"card", "bank_transfer"}
ANY_URL = re.compile(".*")
HTTP_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

MOVING_MONEY = ("open", "pay", "pay with a stored card", "capture", "void", "refund")

ORDER = Order(reference="SO0001x7f3a", amount=Money(4900, "TRY"), test=True)
REFUND = Refund(reference="RSO0001a", amount=Money(1197, "TRY"), refunded_before=Money(0, "TRY"))
TAKEN = replace(REFUND, is_taken=True)
CARD = Card(number="4355084355084358", holder="ALI VELI", month="12", year="2030", code="000")
DAY = date(2026, 6, 24)
STORED = StoredCard(token="handed-out-token", customer="1001")
CALLS = {
    "open": lambda gateway: gateway.open(ORDER, CHECKOUT),
    "inquire": lambda gateway: gateway.inquire(ORDER),
    "capture": lambda gateway: gateway.capture(ORDER, ORDER.amount),
    "void": lambda gateway: gateway.void(ORDER),
    "refund": lambda gateway: gateway.refund(ORDER, REFUND),
    "inquire_refund": lambda gateway: gateway.inquire_refund(ORDER, TAKEN),
    "installments": lambda gateway: gateway.installments(ORDER.amount),
    "installments of a card": lambda gateway: gateway.installments(ORDER.amount, "435508"),
    "probe": lambda gateway: gateway.probe(),
    "pay": lambda gateway: gateway.pay(ORDER, CHECKOUT, CARD, 1),
    "pay with a stored card": lambda gateway: gateway.pay(ORDER, CHECKOUT, STORED, 1),
    "store": lambda gateway: gateway.store(CARD, "1001", CHECKOUT.customer),
    "renew": lambda gateway: gateway.renew(STORED, "12", "2031"),
    "forget": lambda gateway: gateway.forget(STORED),
    "stored_cards": lambda gateway: gateway.stored_cards("1001"),
    "inquire_recurrence": lambda gateway: gateway.inquire_recurrence("P1", 2),
    "change_recurrence": lambda gateway: gateway.change_recurrence(
        "P1", payments=3, amount=ORDER.amount, active=True
    ),
    "end_recurrence": lambda gateway: gateway.end_recurrence("P1"),
    "statement": lambda gateway: gateway.statement(ORDER),
    "list_payments": lambda gateway: gateway.list_payments(DAY, DAY),
    "find_payments": lambda gateway: gateway.find_payments(ORDER.reference),
}
POSSIBLE = {
    "capture": {State.PAID, State.PENDING},
    "void": {State.CANCELED},
    "refund": {State.PAID, State.PENDING},
}
FLAGS = (
    "stores_cards",
    "recurs",
    "resumes",
    "embeds",
    "limits_time",
    "signs",
    "names_refunds",
    "repeats_reads",
)
VERBS_OF_FACTS = {
    "refunds": ("refund", "inquire_refund"),
    "captures": ("capture", "void"),
    "stores_cards": ("store", "renew", "forget", "stored_cards"),
    "recurs": ("inquire_recurrence", "change_recurrence", "end_recurrence"),
    "resumes": ("resume",),
    "listed_days": ("statement", "list_payments"),
}


def offers(gateway: type[Gateway], verb: str) -> bool:
    own, base = getattr(gateway, verb, None), getattr(Gateway, verb, None)
    return own is not None and getattr(own, "__func__", own) is not getattr(base, "__func__", base)


def credentials_of(gateway: type[Gateway]) -> dict[str, str]:
    return {name: f"invented-{name}" for name in gateway.credentials}


class Ready(Keyring):
    """Has what the PSP hands out before it takes other calls."""

    def obtain(self, name, fetch, *, seconds, stale=""):
        if ":token:" in name:
            return json.dumps({"token": "handed-out-earlier", "is_3d": "4"})
        return super().obtain(name, fetch, seconds=seconds, stale=stale)


def made(gateway: type[Gateway]) -> Gateway:
    return gateway(credentials_of(gateway), test=True, keyring=Ready())


gateways = pytest.mark.parametrize("gateway", GATEWAYS.values(), ids=GATEWAYS)
network_verbs = pytest.mark.parametrize(
    ("gateway", "verb"),
    [
        (gateway, verb)
        for gateway in GATEWAYS.values()
        for verb in CALLS
        if offers(gateway, verb.split()[0])
    ],
)


# === FACTS === #


def test_the_registry_names_each_gateway_by_its_code():
    assert GATEWAYS
    assert all(code == gateway.code for code, gateway in GATEWAYS.items())
    assert len(set(GATEWAYS.values())) == len(GATEWAYS)


@gateways
def test_codes_are_fit_for_addresses_and_field_names(gateway):
    assert re.fullmatch(r"[a-z][a-z0-9]{2,}", gateway.code)


@gateways
def test_every_fact_is_declared(gateway):
    for fact in Gateway.__annotations__:
        assert hasattr(gateway, fact), fact


@gateways
def test_addresses_are_https_and_bare(gateway):
    for url in (gateway.live_url, gateway.test_url):
        assert re.fullmatch(r"https://[a-z0-9.-]+(/[\w./-]*[\w-])?", url), url


@gateways
def test_currencies_are_iso_codes(gateway):
    assert gateway.currencies
    assert all(re.fullmatch("[A-Z]{3}", currency) for currency in gateway.currencies)


@gateways
def test_methods_and_brands_are_codes_of_odoo(gateway):
    assert gateway.methods
    assert set(gateway.methods) <= ODOO_METHODS
    assert set(gateway.brands) <= {"visa", "mastercard", "troy", "amex"}
    for codes in (gateway.methods, gateway.brands, gateway.credentials):
        assert len(set(codes)) == len(codes)


@gateways
def test_facts_have_the_values_that_odoo_knows(gateway):
    assert gateway.refunds in ("none", "full_only", "partial")
    assert gateway.captures in (None, "full_only", "partial")
    for fact in FLAGS:
        assert isinstance(getattr(gateway, fact), bool)
    assert not set(gateway.options) & set(gateway.credentials)


@gateways
def test_the_acknowledgement_is_plain_text(gateway):
    assert gateway.acknowledgement
    assert set(gateway.acknowledgement) <= set(string.printable) - set("<>\r\n")


@gateways
def test_every_secret_credential_is_kept_out_of_the_log(gateway):
    assert gateway.credentials
    assert set(gateway.credentials) - IDENTIFIERS <= gateway.secret_fields


@gateways
def test_what_is_claimed_by_a_fact_can_be_done(gateway):
    assert offers(gateway, "open")
    assert offers(gateway, "read")
    assert offers(gateway, "inquire")
    assert offers(gateway, "probe")
    for fact, verbs in VERBS_OF_FACTS.items():
        claimed = getattr(gateway, fact) not in (None, 0, False, "none")
        assert [verb for verb in verbs if offers(gateway, verb) != claimed] == []


# === CREDENTIALS === #


@gateways
@pytest.mark.parametrize("value", ["", None, False])
def test_an_empty_credential_is_refused(gateway, value):
    for name in gateway.credentials:
        with pytest.raises(GatewayError) as error:
            gateway(credentials_of(gateway) | {name: value})
        assert error.value.reason is Reason.MISSING_KEYS
        assert error.value.text == name


@gateways
def test_all_missing_credentials_are_named(gateway):
    with pytest.raises(GatewayError) as error:
        gateway({})
    assert error.value.text == ", ".join(gateway.credentials)


@gateways
def test_a_gateway_does_not_show_its_credentials(gateway):
    shown = f"{made(gateway)!r} {made(gateway)}"
    assert [value for value in credentials_of(gateway).values() if value in shown] == []


# === REFERENCES === #


@gateways
def test_an_empty_message_names_no_order(gateway):
    assert gateway.reference_of({}) == gateway.recurrence_of({}) == ""


@gateways
@given(message=st.dictionaries(st.text(max_size=20), st.text(max_size=20)))
def test_any_message_names_an_order_or_none(gateway, message):
    assert isinstance(gateway.reference_of(message), str)
    assert isinstance(gateway.recurrence_of(message), str)


@gateways
@given(message=st.dictionaries(st.text(max_size=20), st.text(max_size=20)))
def test_no_message_of_a_stranger_is_believed(gateway, message):
    try:
        claim = made(gateway).read(message, ORDER)
    except GatewayError:
        return
    assert not claim.proven


# === WHAT IS KEPT OF A MESSAGE === #

PAN = CARD.number
GROUPS = " ".join(re.findall("....", PAN))
PLANTED = {
    "card_number": PAN,
    "card_code": "987",
    "cvv": "987",
    "CVV": "987",
    "cc_no": PAN,
    "expiry_month": "12",
    "access_token": "of our own address",
    "": "nothing",
    "note": "x" * 10_000,
}


def genuine_messages() -> list:
    """The orders and messages in the samples of every gateway: a new one must have some."""
    return [
        pytest.param(gateway, order, message, id=f"{code}-{number}")
        for code, gateway in GATEWAYS.items()
        for number, (order, message) in enumerate(samples_of(code).GENUINE)
    ]


def samples_of(code: str):
    return importlib.import_module(f"{code}_samples")


def read(gateway: type[Gateway], message, order: Order):
    """What a message says, or why it says nothing."""
    try:
        return gateway(samples_of(gateway.code).CREDENTIALS).read(message, order)
    except GatewayError as error:
        return type(error), error.text


messages = pytest.mark.parametrize(("gateway", "order", "message"), genuine_messages())


@messages
def test_a_message_that_is_kept_says_the_same(gateway, order, message):
    kept = gateway.keep(message)
    assert isinstance(read(gateway, message, order), Claim)
    assert read(gateway, kept, order) == read(gateway, message, order)
    assert gateway.keep(kept) == kept


@messages
def test_what_is_no_field_of_the_psp_is_not_kept(gateway, order, message):
    assert gateway.keep(message | PLANTED) == gateway.keep(message)
    assert gateway.keep(message | {"file": object(), next(iter(message)): object()}).keys() <= {
        gateway.field_name(name) for name in message
    }


@messages
@pytest.mark.parametrize(
    "digits", [PAN, GROUPS, GROUPS.replace(" ", "-"), GROUPS.replace(" ", ".")]
)
def test_no_text_that_is_kept_shows_a_card(gateway, order, message, digits):
    for name in gateway.kept_fields:
        altered = message | {name: f"Kart {digits} reddedildi"}
        kept = gateway.keep(altered)
        assert digits not in str(kept)
        claim = read(gateway, altered, order)
        assert read(gateway, kept, order) == claim
        assert digits not in str(claim)


@messages
@pytest.mark.parametrize("name", ["kept_fields", "identifiers"])
def test_nothing_long_is_kept(gateway, order, message, name):
    for field in getattr(gateway, name):
        kept = gateway.keep(message | {field: "ğ" * 100_000})
        assert all(len(text) <= LONGEST_TEXT for text in kept.values())


@messages
@pytest.mark.parametrize("before", range(LONGEST_TEXT - 17, LONGEST_TEXT + 1))
def test_no_half_of_a_card_number_is_kept_at_the_end_of_a_text(gateway, order, message, before):
    for name in gateway.kept_fields:
        altered = message | {name: "x" * before + PAN}
        assert PAN[:7] not in str(gateway.keep(altered))
        assert PAN[:7] not in str(read(gateway, altered, order))
        assert read(gateway, gateway.keep(altered), order) == read(gateway, altered, order)


@messages
def test_identifiers_are_kept_to_the_letter(gateway, order, message):
    """One of thirteen digits and more may look like a card number, and has to be found again."""
    named = {gateway.field_name(name): text for name, text in message.items()}
    kept = gateway.keep(message)
    assert gateway.identifiers & kept.keys()
    for name in gateway.identifiers & kept.keys():
        assert kept[name] == named[name]
        assert gateway.keep(message | {name: PAN})[name] == PAN


@gateways
def test_neither_a_secret_nor_a_person_is_kept(gateway):
    assert gateway.kept_fields
    assert not gateway.kept_fields & gateway.identifiers
    proofs = {"hash", "hash_key"}  # Of one message only.
    assert not (gateway.kept_fields | gateway.identifiers) & (gateway.secret_fields - proofs)


@gateways
@given(message=st.dictionaries(st.text(max_size=20), st.text(max_size=20) | st.binary()))
def test_of_any_message_only_what_is_declared_is_kept(gateway, message):
    assert gateway.keep(message).keys() <= gateway.kept_fields | gateway.identifiers


def test_no_word_of_a_psp_shows_a_card():
    said = f"Kart {GROUPS} reddedildi"
    values = (
        Outcome(state=State.FAILED, text=said, code=PAN, card=MaskedCard(PAN)),
        Refused(said, code=PAN),
        repr(Refused(said, code=PAN)),
        BadMessage(said).text,
        NoAnswer(f"not an amount: {PAN}"),
        RecurrenceStatus(active=None, amount=None, payments=None, next_on=None, text=said),
    )
    assert not re.search("4355 0843|43550843", f"{values} {[str(value) for value in values]}")
    assert Outcome(state=State.PAID, psp_reference=PAN).psp_reference == PAN


# === ADDRESSES FOR THE BROWSER === #


@gateways
def test_a_browser_may_be_sent_to_the_pages_of_the_psp(gateway):
    live = gateway(credentials_of(gateway))
    for url in (gateway.live_url, gateway.test_url):
        assert live.may_show(f"{url}/page?token=c0ffee#top")
    for domain in gateway.page_domains:
        assert live.may_show(f"https://{domain}/page")
        assert live.may_show(f"https://pay.{domain}/page")


@gateways
def test_a_browser_is_sent_nowhere_else(gateway):
    live = gateway(credentials_of(gateway))
    host = live.live_url.split("/")[2]
    for url in (
        "",
        "/web",
        f"//{host}/x",
        f"http://{host}/x",
        f"https://{host}.evil.example/x",
        f"https://evil{host}/x" if not gateway.page_domains else "https://evil.example/x",
        f"https://evil.example/{host}",
        f"https://evil.example/?{host}",
        f"https://{host}@evil.example/x",
        f"https://user@{host}/x",
        f"https://evil.example\\.{host}/x",
        f"https://{host}/x\n",
        f" https://{host}/x",
        "javascript:alert(1)",
        f"javascript://{host}/%0aalert(1)",
        "data:text/html,x",
        "http://127.0.0.1:8070/sandbox",
        *(f"https://evil{domain}/x" for domain in gateway.page_domains),
    ):
        assert not live.may_show(url), url


@gateways
def test_a_browser_may_be_sent_to_a_sandbox_that_stands_in_for_the_psp(gateway):
    made = gateway(credentials_of(gateway), test=True, base_url="http://127.0.0.1:8070/sandbox")
    assert made.may_show("http://127.0.0.1:8070/page")
    assert not made.may_show("http://127.0.0.1:8069/page")
    assert not made.may_show("http://127.0.0.1:8070@evil.example/page")


# === NO ANSWER === #


def mentions(call, text: str) -> bool:
    return text in f"{call.request.url} {call.request.headers} {call.request.body}"


def answer_all(network, **answer):
    for method in HTTP_METHODS:
        network.add(method, ANY_URL, **answer)


@network_verbs
@pytest.mark.parametrize(
    "answer",
    [
        {"body": ""},
        {"body": "OK"},
        {"body": "<!DOCTYPE html><title>Bakım</title>", "content_type": "text/html"},
        {"body": "<h1>404</h1>", "status": 404},
        {"body": "<h1>403</h1>", "status": 403},
        {"body": b"\xff\xfe\x00"},
        {"body": '{"status": "success", "tok'},
        {"body": "null"},
        {"body": '"success"'},
        {"json": [1, 2]},
        {"json": {"status": "success"}, "status": 500},
        {"json": {"status": "success"}, "status": 503},
        {
            "json": {"status": "success"},
            "status": 302,
            "headers": {"Location": "https://x.example"},
        },
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError("Connection aborted.")},
        {"body": requests.exceptions.ChunkedEncodingError()},
    ],
    ids=lambda answer: str(answer)[:50],
)
def test_an_answer_that_cannot_be_understood_is_no_answer(network, gateway, verb, answer):
    answer_all(network, **answer)
    with pytest.raises(NoAnswer):
        CALLS[verb](made(gateway))


@network_verbs
def test_a_refused_connection_is_unreachable(network, gateway, verb):
    refused = MaxRetryError(None, "/", NewConnectionError(None, "refused"))
    answer_all(network, body=requests.ConnectionError(refused))
    with pytest.raises(Unreachable):
        CALLS[verb](made(gateway))


@network_verbs
def test_only_what_is_harmless_is_asked_twice(network, gateway, verb):
    answer_all(network, body=requests.ReadTimeout())
    with pytest.raises(NoAnswer):
        CALLS[verb](made(gateway))
    about_the_order = [call for call in network.calls if mentions(call, ORDER.reference)]
    if verb in MOVING_MONEY:
        assert len(about_the_order) <= 1
    else:
        assert len(network.calls) == (2 if gateway.repeats_reads else 1)


@network_verbs
def test_only_the_psp_is_called(network, gateway, verb):
    answer_all(network, json={})
    try:
        CALLS[verb](made(gateway))
    except (GatewayError, TransportError):
        pass
    assert network.calls
    assert all(call.request.url.startswith(gateway.test_url + "/") for call in network.calls)


@network_verbs
def test_the_log_names_the_call_but_no_secret(network, gateway, verb, caplog):
    caplog.set_level(logging.DEBUG)
    echoed = {name: f"echoed-{name}" for name in gateway.secret_fields}
    answer_all(network, json=credentials_of(gateway) | echoed)
    try:
        CALLS[verb](made(gateway))
    except (GatewayError, TransportError):
        pass
    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert gateway.code in lines
    secrets = [f"invented-{name}" for name in set(gateway.credentials) - IDENTIFIERS]
    secrets += [*echoed.values(), CHECKOUT.customer.email, CHECKOUT.customer.phone]
    assert [secret for secret in secrets if secret in lines] == []


# === WHAT IS TOLD OF THE CUSTOMER === #

letters = st.one_of(
    st.characters(exclude_categories=()),
    st.sampled_from(
        "şİıé\u0301\u200d\ufe0f\u202e<>&|;\"'\\\r\n\t\0\U0001f338\U0001d4d0 @.+0123456789"
    ),
)
anything = st.text(letters, max_size=20)
long = st.builds(operator.mul, st.text(letters, min_size=1, max_size=3), st.integers(20, 600))
words = st.one_of(
    anything,
    long,
    st.sampled_from(["", "Ali Veli", "\U0001f338", "<b>Ali</b>\nVeli", "李雷", "\u3164"]),
)
emails = st.one_of(
    st.builds(
        "{}@{}{}".format,
        st.sampled_from(["ali.veli", "a" * 64, "şule", "a b", ""]),
        st.sampled_from(["örnek", "пример", "a" * 60, "example", "-"]),
        st.sampled_from([".com", ".com.tr", ".рф", ""]),
    ),
    anything,
)
phones = st.one_of(
    st.sampled_from(
        [
            *["0532 123 45 67 (anne 0533 765 43 21)", "+49 151 2345 6789 ext 12", "-", "444 0 123"],
            *["+1 555-555-5555", "٠٥٣٢١٢٣٤٥٦٧", "0000", "+8801777711111"],
        ]
    ),
    st.text("0123456789+-() /", max_size=20),
    words,
)
ips = st.one_of(
    st.sampled_from(["203.0.113.7", "::ffff:203.0.113.9", "2a00:1450:4017:80e::200e"]),
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map("::ffff:{}".format),
    st.sampled_from(["", "10.0.0.1", "8.8.8.8, 9.9.9.9", "fe80::1%eth0", "somewhere"]),
)
contacts = st.builds(
    Contact,
    email=emails,
    phone=phones,
    country=st.sampled_from(["", "TR", "DE", "XX"]),
    **dict.fromkeys(["name", "street", "street2", "city", "state", "postcode"], words),
    country_name=st.sampled_from(["", "Türkiye", "Côte d'Ivoire"]),
)
shops = st.one_of(st.just(CHECKOUT.shop), contacts)
# Of a customer's own data; the name on a card is typed anew.
OF_CONTACT = {
    Reason.EMAIL_REFUSED,
    Reason.PHONE_REFUSED,
    Reason.ADDRESS_REFUSED,
    Reason.IP_REFUSED,
    Reason.CHARACTER_REFUSED,
}


def told(network, step: object):
    """All fields and texts that went to the PSP, or that the browser takes there."""
    for call in network.calls:
        body = call.request.body or ""
        yield from fields_in(body.decode() if isinstance(body, bytes) else body)
    for more in (getattr(step, "fields", {}), *getattr(step, "choices", {}).values()):
        yield from fields_in(dict(more))


def fields_in(value: object, name: str = ""):
    if isinstance(value, str):
        try:
            value = json.loads(value) if value[:1] in ("{", "[") else value
        except ValueError:
            pass
        if not name and isinstance(value, str):
            value = dict(parse_qsl(value, keep_blank_values=True))
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from fields_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from fields_in(inner, name)
    elif isinstance(value, str):
        yield name, value


def digits_of(text: str) -> str:
    """The digits of a phone number, whatever script they are typed in."""
    digits = (unicodedata.digit(character, None) for character in text)
    return "".join(str(digit) for digit in digits if digit is not None)


def is_of(email: str, who: Contact) -> bool:
    """Whether an e-mail address leads to where somebody's does."""
    (local, _, host), (own, _, domain) = email.rpartition("@"), who.email.strip().rpartition("@")
    try:
        return local == own and idna.decode(host) == idna.uts46_remap(domain, True, False)
    except UnicodeError:
        return False


@gateways
@settings(max_examples=150)
@given(data=st.data(), customer=contacts, shop=shops, ip=ips, holder=words)
def test_whoever_pays_is_told_in_the_psps_form_and_is_nobody_else(
    gateway, data, customer, shop, ip, holder
):
    """All that a verb begins a payment with, or stores a card."""
    flow = data.draw(st.sampled_from(gateway.flows))
    order = replace(ORDER, method=data.draw(st.sampled_from(gateway.methods)))
    checkout = replace(CHECKOUT, customer=customer, shop=shop, ip=ip, flow=flow)
    by_token = replace(checkout, stored_card=STORED)
    card = replace(CARD, holder=holder)
    made_by = made(gateway)
    ways = {
        "open": lambda: made_by.open(order, checkout),
        "open with a stored card": lambda: made_by.open(order, by_token),
        "pay": lambda: made_by.pay(order, checkout, card, 1),
        "pay with a stored card": lambda: made_by.pay(order, by_token, STORED, 1),
        "store": lambda: made_by.store(card, "1001", customer),
    }
    way = data.draw(st.sampled_from([way for way in ways if offers(gateway, way.split()[0])]))
    known = samples_of(gateway.code).FORMS
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        answer_all(network, json={})
        step = refusal = None
        try:
            step = ways[way]()
        except (GatewayError, TransportError) as error:
            refusal = getattr(error, "reason", None)
        sent = list(told(network, step))
    is_usual = shop == CHECKOUT.shop and contact.public_ip(ip)
    assert not is_usual or refusal not in OF_CONTACT
    for name, text in sent:
        assert is_plain(text), (name, text)
        if name in known:
            assert known[name](text), (name, text)
        if "mail" in name.lower():
            assert is_of(text, customer) or is_of(text, shop), (name, text)
        if "phone" in name.lower():
            own = digits_of(customer.phone), digits_of(shop.phone)
            digits = digits_of(text)
            assert set(digits[2:]) == {"0"} or any(digits[-7:] in phone for phone in own), text


# === ANYTHING === #

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["success", "error", "failed", "004", "TL", "49.00", "1e99", "true", "0"]),
)


@functools.cache
def answers_of(gateway: type[Gateway]) -> st.SearchStrategy[dict]:
    """JSON objects of any shape, with the names that occur in the gateway's modules."""
    source = "".join(
        inspect.getsource(module)
        for name, module in list(sys.modules.items())
        if name.startswith(gateway.__module__)
    )
    names = st.sampled_from(sorted(set(re.findall(r'"(\w{2,30})"', source))))
    values = st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)
        ),
        max_leaves=6,
    )
    statuses = st.sampled_from(
        [
            {},
            {"status": "success"},
            {"status": "error"},
            {"status": True, "status_code": 100},
            {"status_code": 100, "invoice_id": ORDER.reference},
            {"status_code": 100, "invoice_id": ORDER.reference, "transaction_status": "Completed"},
            {"status_code": 41, "invoice_id": ORDER.reference},
        ]
    )
    return st.builds(operator.or_, st.dictionaries(names, values, max_size=8), statuses)


LATER, NOT_FOUND = (408, 425, 429), 404
HTTP_STATUSES = st.one_of(
    st.sampled_from([200, 200, 400, 401, 403, NOT_FOUND, 409, 422, *LATER, 302, 500, 503]),
    st.integers(200, 599),
)


@network_verbs
@given(data=st.data())
def test_no_answer_ends_in_silence(gateway, verb, data):
    """Whatever comes, with whatever status, is an outcome, a refusal in words, or no answer."""
    status = data.draw(HTTP_STATUSES)
    body = data.draw(
        st.one_of(
            answers_of(gateway).map(json.dumps),
            st.lists(answers_of(gateway), max_size=2).map(json.dumps),
            scalars.map(json.dumps),
            st.text(max_size=20),
        )
    )
    mark = data.draw(st.sampled_from(["", "\ufeff"]))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        answer_all(network, body=f"{mark}{body}".encode(), status=status)
        try:
            result = CALLS[verb](made(gateway))
        except (GatewayError, TransportError) as error:
            result = error
    if 300 <= status < 400 or status >= 500:
        assert isinstance(result, NoAnswer)
    elif status in LATER:
        assert result.reason is Reason.TRY_LATER
    elif isinstance(result, Outcome) and status >= 400:  # No money moves with an error.
        assert result.state in (State.UNKNOWN, State.PENDING, State.FAILED)
    if not isinstance(result, Exception):
        check(gateway, verb, result)


@network_verbs
@given(data=st.data())
def test_whatever_a_psp_answers_is_an_outcome_or_a_declared_error(gateway, verb, data):
    answer = data.draw(answers_of(gateway))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        answer_all(network, json=answer)
        try:
            result = CALLS[verb](made(gateway))
        except (GatewayError, TransportError):
            return
    check(gateway, verb, result)


def check(gateway: type[Gateway], verb: str, result: object):
    """That a verb returned what it promises."""
    match result:
        case Redirect(url=url) | Embed(url=url):
            assert url.startswith("https://")
        case Outcome(state=state):
            assert isinstance(state, State)
            assert state in POSSIBLE.get(verb, State)
        case (Plan(installments=1), *_):
            assert all(isinstance(plan, Plan) and plan.total.minor >= 0 for plan in result)
        case tuple():
            kind = StoredCard if verb == "stored_cards" else ListedPayment
            assert all(isinstance(entry, kind) for entry in result)
        case StoredCard(token=token):
            assert token
        case Statement(given_back=given_back):
            assert all(each.amount.minor > 0 for each in given_back)
        case RecurrenceStatus(charges=charges):
            assert all(charge.number > 0 for charge in charges)
        case None:
            assert verb in ("renew", "forget", "change_recurrence", "end_recurrence")
        case Agreement(flows=flows):
            assert set(flows) <= set(gateway.flows)
        case _:
            pytest.fail(f"{verb} returned {result!r}")


@network_verbs
def test_values_are_not_changed_by_a_call(network, gateway, verb):
    answer_all(network, json={})
    before = copy.deepcopy((ORDER, CHECKOUT, REFUND))
    try:
        CALLS[verb](made(gateway))
    except (GatewayError, TransportError):
        pass
    assert before == (ORDER, CHECKOUT, REFUND)
