"""What somebody typed, made fit to be sent: nothing near it is ever sent instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways import contact
from gateways.base import Checkout, Contact, Item, Money

# === WORDS === #


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Şükrü İğdır-Öz", "Şükrü İğdır-Öz"),
        ("O’Brien & Oğulları", "O’Brien & Oğulları"),
        ("李雷", "李雷"),
        ("Kordon 5\r\n  Kat\u00a02\t", "Kordon 5 Kat 2"),
        ("<b>Ali</b>", "b Ali /b"),
        ("Ali\0\u202eVeli\u200b", "Ali Veli"),
        ("\U0001f338", ""),
        ("Ali \U0001f338 Veli", "Ali Veli"),
        ("\u2764\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467 Aile", "Aile"),
        ("1\ufe0f\u20e3. Sokak", "1. Sokak"),
        ("\U0001d4d0\U0001d4f5\U0001d4f2 № 12 ㈱", "Ali No 12 (株)"),
        ("Ali\ud83d", "Ali"),
        ("s\u0327u\u0308", "şü"),
        ("\u0301Ali", "Ali"),
        ("\u3164", ""),
        ("", ""),
    ],
)
def test_words_are_on_one_line_and_plain(typed, sent):
    assert contact.text(typed) == sent


def test_words_are_cut_between_letters():
    assert contact.text("abcd", 3) == "abc"
    assert contact.text("ab q\u0323\u0302x", 5) == "ab"
    assert contact.text("ab cd", 3) == "ab"


@given(st.text(st.characters(exclude_categories=()), max_size=40), st.integers(1, 40))
def test_words_that_are_sent_are_sent_as_they_are(typed, longest):
    sent = contact.text(typed, longest)
    assert len(sent) <= longest
    assert contact.text(sent, longest) == sent
    sent.encode()


def test_what_is_paid_for_always_has_words():
    checkout = Checkout(
        customer=Contact(),
        shop=Contact(),
        ip="",
        description="Klinik\n\U0001f3e5",
        return_url="https://shop.example/return",
        cancel_url="https://shop.example/cancel",
    )
    assert checkout.description == "Klinik"
    assert Item("product", "\U0001f338", Money(1, "TRY")).name == "-"


# === E-MAIL === #


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("ali.veli+1@example.com", "ali.veli+1@example.com"),
        (" Ali@EXAMPLE.com ", "Ali@example.com"),
        ("ali@пример.рф", "ali@xn--e1afmkfd.xn--p1ai"),
        ("ali@xn--e1afmkfd.xn--p1ai", "ali@xn--e1afmkfd.xn--p1ai"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_e_mail_address_is_in_ascii(typed, sent):
    assert contact.email(typed) == sent


@pytest.mark.parametrize(
    "typed",
    [
        *["李雷@example.com", "почта@пример.рф", "şule@example.com", "ali@example.com\0"],
        *["", "@", "@example.com", "ali", "ali@", "a@b", "a@1.2.3.4", "a@[1.2.3.4]", "a@b.c"],
        *["a b@example.com", "a..b@example.com", "a@b@example.com", "Ali <a@example.com>"],
        *["a@example.com.", "a@-x.com", "a@x..com", "a@ex_ample.com", "a@\ud800.com"],
        *["a" * 65 + "@example.com", "a@" + "b" * 64 + ".com", "a@" + "b." * 200 + "com"],
    ],
)
def test_what_cannot_be_sent_is_no_e_mail_address(typed):
    assert contact.email(typed) == ""


def test_an_e_mail_address_is_never_cut():
    address = "a" * 60 + "@example.com"
    assert contact.email(address, len(address)) == address
    assert contact.email(address, len(address) - 1) == ""


# === PHONE === #


@pytest.mark.parametrize(
    ("typed", "country", "sent", "at_home"),
    [
        ("0532 123 45 67 (anne 0533 765 43 21)", "TR", "+905321234567", "05321234567"),
        ("0532.123.45.67/0533 765 43 21", "", "+905321234567", "05321234567"),
        ("905321234567", "TR", "+905321234567", "05321234567"),
        ("0090 532 123 45 67", "TR", "+905321234567", "05321234567"),
        ("٠٥٣٢١٢٣٤٥٦٧", "TR", "+905321234567", "05321234567"),
        ("0532 123 45 67", "XX", "", ""),
        ("444 0 123", "TR", "+904440123", "4440123"),
        ("+49 151 2345 6789 ext 12", "TR", "+4915123456789", "+4915123456789"),
        ("0151 23456789", "DE", "+4915123456789", "+4915123456789"),
        ("+1 555-555-5555", "TR", "", ""),  # No number, but its end would be one in Türkiye.
        ("+1 555-555-5555, 0532 123 45 67", "TR", "+905321234567", "05321234567"),
        ("-", "TR", "", ""),
        ("1" * 5000, "TR", "", ""),
        ("001 555-555-5555", "TR", "", ""),
        ("0043 (0) 532 123 45 67", "TR", "", ""),
        ("0532 123 45 67", "DE", "", ""),  # Dialled in which of the two?
        ("0049 151 23456789", "DE", "+4915123456789", "+4915123456789"),
        ("0212 252 45 67 ext 12", "TR", "+902122524567", "02122524567"),
    ],
)
def test_the_first_phone_number_of_a_text(typed, country, sent, at_home):
    assert contact.phone(typed, country) == sent
    assert contact.phone(typed, country, national=True) == at_home


# === IP ADDRESS === #


@pytest.mark.parametrize(
    ("seen", "sent"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2A00:1450:4017:080E::200E", "2a00:1450:4017:80e::200e"),
        *[(seen, "") for seen in ("10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1", "::1", "fd00::1")],
        *[(seen, "") for seen in ("100.64.0.1", "224.0.0.1", "0.0.0.0", "fe80::1%eth0", "ff0e::1")],
        *[(seen, "") for seen in ("", "8.8.8.8, 9.9.9.9", "8.8.8.8:443", "somewhere", "8.8.8")],
    ],
)
def test_only_a_public_ip_address_is_a_customers(seen, sent):
    assert contact.public_ip(seen) == sent


# === REFUSALS === #


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Zorunlu alan degeri gecersiz. (get-token): email", "e"),
        ("The bill email must be a valid email address.", "b"),
        ("The bill_email field is required.", "b"),
        ("The surname field is required.", "s"),
        ("The name field is required.", "n"),
        ("The items.0.name field is required.", None),
        ("Invalid merchant name", None),
        ("Your server IP is not registered", None),
        ("The product name is too long", None),
        ("Ödeme emaili", None),
        ("", None),
    ],
)
def test_a_refusal_names_a_field(said, reason):
    fields = {"email": "e", "bill_email": "b", "name": "n", "surname": "s", "ip": "i"}
    assert contact.reason_of_named_field(said, fields) == reason
