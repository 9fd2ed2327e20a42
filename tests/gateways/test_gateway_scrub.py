"""What reaches a log: no secret, no person, no card, in whatever notation it comes."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paytr_samples import CHECKOUT, interim, notification, sign

from gateways import GATEWAYS
from gateways.base import Gateway
from gateways.paytr import PayTR
from gateways.transport import mask_card_numbers

TOKEN = sign("anything") + "/+="
PEOPLE = ("ali.veli@example.com", "Ali Veli", "Örnek Mah. 1", "0555 123 45 67", "203.0.113.7")
FORM = {
    "merchant_oid": "SO0001x7f3a",
    "user_ip": CHECKOUT.ip,
    "email": CHECKOUT.customer.email,
    "user_name": CHECKOUT.customer.name,
    "user_address": CHECKOUT.customer.street,
    "user_phone": CHECKOUT.customer.phone,
    "paytr_token": TOKEN,
    "merchant_key": "TESTKEYabcdef123",
    "merchant_salt": 'TESTSALT"&, }ghijk',
    "payment_amount": "4900",
}
SECRETS = (*PEOPLE, TOKEN, "TESTKEY", "TESTSALT", "ghijk")
NOTATIONS = {
    "form": urlencode,
    "query": lambda fields: "https://www.paytr.com/odeme?" + urlencode(fields) + "#top",
    "json": json.dumps,
    "json in utf-8": lambda fields: json.dumps(fields, ensure_ascii=False),
    "json without blanks": lambda fields: json.dumps(fields, separators=(",", ":")),
    "json on many lines": lambda fields: json.dumps(fields, indent=2),
    "python": repr,
}
notations = pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS)

CARD = "4355084355084358"
CARDS = {
    "visa": CARD,
    "mastercard": "5406675406675403",
    "troy": "9792030394440796",
    "amex": "375622005485014",
}


@notations
def test_a_request_keeps_no_secret(notation):
    transcript = PayTR.scrub(notation(FORM))
    assert [secret for secret in SECRETS if secret in transcript] == []
    assert [urlencode({"": secret})[1:] in transcript for secret in SECRETS].count(True) == 0


@notations
@pytest.mark.parametrize("message", [notification(), notification("failed", "0"), interim()])
def test_a_notification_keeps_neither_proof_nor_person(notation, message):
    transcript = PayTR.scrub(notation(message))
    for name in ("hash", "user_name", "user_phone", "tc_no_last5"):
        value = message.get(name, message["hash"])
        assert value not in transcript
        assert urlencode({"": value})[1:] not in transcript


@notations
def test_what_is_needed_to_find_an_error_stays(notation):
    transcript = PayTR.scrub(notation(FORM))
    assert "SO0001x7f3a" in transcript
    assert "payment_amount" in transcript
    assert "4900" in transcript


def test_an_answer_stays_readable():
    answer = '{"status": "success", "token": "c0ffee-c0ffee", "is_test": 1}'
    assert PayTR.scrub(answer) == '{"status": "success", "token": […], "is_test": 1}'


@pytest.mark.parametrize(
    "transcript",
    [
        '{"EMAIL": "ali@example.com"}',
        '{"email" : "ali@example.com"}',
        '{"email":\t"ali@example.com"}',
        "{'email': 'ali@example.com'}",
        "{'email': \"ali@example.com'\"}",
        r'{"email": "\"ali@example.com"}',
        "email=ali@example.com",
        "a=1&email=ali@example.com&b=2",
        "email: ali@example.com",
        '{"a": "1", "email": "ali@example.com',
    ],
)
def test_each_spelling_of_a_secret_is_scrubbed(transcript):
    assert "ali@example.com" not in PayTR.scrub(transcript)


@pytest.mark.parametrize("notation", ["json", "python", "form"])
def test_a_transcript_that_was_cut_short_keeps_no_secret(notation):
    address = "x secret, 's\\ecret\", secret}"
    whole = NOTATIONS[notation]({"status": "success", "user_address": address})
    for end in range(len(whole)):
        assert "ecret" not in PayTR.scrub(whole[:end])


@pytest.mark.parametrize("number", CARDS.values(), ids=CARDS)
@pytest.mark.parametrize("separator", ["", " ", "-"], ids=["plain", "blanks", "dashes"])
def test_a_card_number_keeps_six_and_four_digits(number, separator):
    written = separator.join(number[start : start + 4] for start in range(0, len(number), 4))
    shown = mask_card_numbers(f"card {written}, thanks")
    masked = f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
    assert shown.replace(separator, "") == f"card {masked}, thanks".replace(separator, "")


@pytest.mark.parametrize(
    "text",
    [
        f"{CARD}",
        f"x{CARD}y",
        f'"{CARD}"',
        f"pan={CARD}&cvv=000",
        f"{CARD} 12/30 000",
        f"{CARD}-12-30",
        f"1 {CARD}",
        f"2026-06-24 {CARD}",
        "1. 4355 0843 5508 4358",
        "1 4355 0843 5508 4358",
        "4355 0843 5508 4358 12 30 000",
        f"{CARD} {CARDS['mastercard']}",
        f"00{CARD}",
    ],
)
def test_no_card_number_survives_next_to_other_digits(text):
    assert "43550843550843" not in mask_card_numbers(text).replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    "text",
    [
        "162616268649431",
        "05551234567",
        "2026-06-24 14:15:48",
        "455359******6747",
    ],
)
def test_other_numbers_are_left_alone(text):
    assert mask_card_numbers(text) == text


def test_every_gateway_masks_cards():
    for gateway in (Gateway, *GATEWAYS.values()):
        assert CARD not in gateway.scrub(f'{{"note": "{CARD}"}}')


# Long enough not to occur in a transcript by chance, and of all kinds of letters.
secret_texts = st.text(
    st.sampled_from("abcXYZ019 ,.;:&=?+/\\\"'{}[]<>%#@ğüşİıöç\n\t"), min_size=6, max_size=40
).filter(lambda text: len(set(text)) > 4)


@given(
    gateway=st.sampled_from(list(GATEWAYS.values())),
    secret=secret_texts,
    others=st.dictionaries(st.sampled_from(["status", "currency", "lang"]), st.text(max_size=20)),
    notation=st.sampled_from(list(NOTATIONS.values())),
    data=st.data(),
)
def test_no_secret_under_a_secret_field_survives(gateway, secret, others, notation, data):
    name = data.draw(st.sampled_from(sorted(gateway.secret_fields)))
    value = f"s3cret{secret}s3cret"
    assert "s3cret" not in gateway.scrub(notation({**others, name: value, "is_test": "1"}))


@given(st.text(max_size=300))
def test_scrubbing_twice_changes_nothing(transcript):
    once = PayTR.scrub(transcript)
    assert PayTR.scrub(once) == once
