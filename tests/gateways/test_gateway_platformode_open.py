"""Opening Platformode's branded page: what is posted, and where the browser may be sent."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformode_samples import (
    CHECKOUT,
    CREDENTIALS,
    HOOKS,
    INVOICE,
    LINK,
    MERCHANT_KEY,
    OPENED,
    ORDER,
    PAGE,
    SECRET,
    TOKEN,
    posted,
)
from samples import of_customer

from gateways.base import (
    Choice,
    Contact,
    Item,
    Money,
    Reason,
    Redirect,
    Refused,
    Unsupported,
)
from gateways.platformode import Platformode
from gateways.transport import NoAnswer

ON_PAGE = replace(CHECKOUT, flow="page")
HELD_ORDER = replace(ORDER, hold=True)


def lira(minor: int) -> Money:
    return Money(minor, "TRY")


@pytest.fixture
def opened(network):
    """Open a payment and tell what was posted."""
    network.post(PAGE, json=OPENED)

    def open_(order=ORDER, options=(), **changes) -> dict[str, str]:
        Platformode(CREDENTIALS | dict(options)).open(order, replace(ON_PAGE, **changes))
        return posted(network.calls[-1])

    return open_


@pytest.fixture
def invoiced(opened):
    """Open a payment and tell which invoice was posted."""
    return lambda *args, **changes: json.loads(opened(*args, **changes)["invoice"])


@pytest.fixture
def answered(network, platformode):
    """Open a payment that gets the given answer."""

    def open_(answer: object, order=ORDER):
        network.post(PAGE, json=answer)
        return platformode.open(order, ON_PAGE)

    return open_


# === THE FORM === #


def test_a_payment_posts_what_platformode_documents(opened):
    form = opened()
    invoice = json.loads(form.pop("invoice"))
    assert form == {
        "merchant_key": MERCHANT_KEY,
        "currency_code": "TRY",
        "name": "Ali",
        "surname": "Veli",
        "ip": "203.0.113.7",
    }
    assert invoice == {
        "invoice_id": INVOICE,
        "invoice_description": "Klinik SO0001",
        "total": "100.00",
        "return_url": "https://shop.example/payment/platformode/return",
        "cancel_url": "https://shop.example/payment/platformode/cancel",
        "items": [
            {
                "name": "Klinik SO0001",
                "price": "100.00",
                "quantity": 1,
                "description": "Klinik SO0001",
            }
        ],
        "bill_address1": "Örnek Mah. 1",
        "bill_city": "İzmir",
        "bill_country": "TURKEY",
        "bill_email": "ali.veli@example.com",
        "bill_phone": "+905551234567",
    }


def test_the_page_takes_a_form_and_no_token(network, opened):
    opened()
    headers = network.calls[0].request.headers
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in headers
    assert [call.request.url for call in network.calls] == [PAGE]


def test_the_secret_is_never_posted(network, opened):
    opened(HELD_ORDER, HOOKS)
    body = network.calls[0].request.body
    assert [secret for secret in (SECRET, TOKEN, CREDENTIALS["app_id"]) if secret in body] == []


def test_a_sandbox_stands_in_for_platformode(network):
    base = "http://localhost:8070/platformode/ccpayment"
    network.post(f"{base}/purchase/link", json=OPENED | {"link": f"{base}/page/c0ffee"})
    step = Platformode(CREDENTIALS, base_url=f"{base}/").open(ORDER, ON_PAGE)
    assert step == Redirect(url=f"{base}/page/c0ffee")


@pytest.mark.parametrize("most", [0, 12])
def test_the_buyer_may_choose_instalments(opened, most):
    assert "installments_number" not in opened(max_installments=most)


@pytest.mark.parametrize(("most", "numbers"), [(2, (1, 2)), (3, (1, 2, 3))])
def test_the_page_knows_no_maximum_so_the_shop_asks(network, platformode, most, numbers):
    checkout = replace(ON_PAGE, max_installments=most)
    assert platformode.open(ORDER, checkout) == Choice(numbers)
    assert len(network.calls) == 0


@pytest.mark.parametrize(("most", "chosen"), [(3, 1), (3, 3), (0, 6), (12, 12)])
def test_what_was_chosen_in_the_shop_is_fixed_on_the_page(opened, most, chosen):
    form = opened(max_installments=most, installments=chosen)
    assert form["installments_number"] == str(chosen)


@pytest.mark.parametrize(("most", "chosen"), [(3, 4), (0, 13), (3, -1)])
def test_no_more_than_the_shop_offers_can_be_chosen(network, platformode, most, chosen):
    checkout = replace(ON_PAGE, max_installments=most, installments=chosen)
    with pytest.raises(Refused) as refusal:
        platformode.open(ORDER, checkout)
    assert refusal.value.reason is Reason.INSTALLMENT_REFUSED
    assert len(network.calls) == 0


@pytest.mark.parametrize(("order", "most"), [(ORDER, 1), (HELD_ORDER, 1), (HELD_ORDER, 0)])
def test_a_single_payment_leaves_no_choice(opened, order, most):
    assert opened(order, max_installments=most)["installments_number"] == "1"


@pytest.mark.parametrize("currency", ["TRY", "USD", "EUR"])
def test_the_currency_has_its_iso_name(opened, currency):
    assert opened(replace(ORDER, amount=Money(10000, currency)))["currency_code"] == currency


@pytest.mark.parametrize("currency", ["GBP", "JPY", "try", "TL", ""])
def test_a_currency_that_platformode_does_not_take_is_not_even_asked_for(
    network, platformode, currency
):
    with pytest.raises(Unsupported):
        platformode.open(replace(ORDER, amount=Money(10000, currency)), ON_PAGE)
    assert len(network.calls) == 0


# === HOLD AND HOOK === #


def test_a_hold_is_wished_beside_the_invoice_and_in_it(opened):
    form = opened(HELD_ORDER)
    assert form["transaction_type"] == "PreAuth"
    assert json.loads(form["invoice"])["transaction_type"] == "PreAuth"


def test_a_sale_is_no_hold(opened):
    form = opened()
    assert "transaction_type" not in form["invoice"]
    assert "transaction_type" not in form


def test_the_sale_hook_is_named_beside_the_invoice_and_in_it(opened):
    form = opened(ORDER, HOOKS)
    assert form["sale_web_hook_key"] == "shop-sale"
    assert json.loads(form["invoice"])["sale_web_hook_key"] == "shop-sale"
    assert "shop-refund" not in json.dumps(form)


@pytest.mark.parametrize("hook", ["", None, False])
def test_without_a_key_name_no_hook_is_named(opened, hook):
    """An unknown name is an error (56), and so is perhaps an empty one."""
    assert "web_hook" not in json.dumps(opened(ORDER, {"sale_hook": hook}))


# === THE ITEMS === #


@pytest.mark.parametrize(
    ("minor", "written"),
    [(1, "0.01"), (10, "0.10"), (1999, "19.99"), (130000, "1300.00"), (10**11, "1000000000.00")],
)
def test_the_amount_is_exact_and_has_no_thousands_separators(invoiced, minor, written):
    invoice = invoiced(replace(ORDER, amount=lira(minor)))
    assert invoice["total"] == invoice["items"][0]["price"] == written


def test_taxes_and_shipping_have_the_names_that_platformode_wants(invoiced):
    items = (
        Item("product", "Muayene", lira(8000)),
        Item("tax", "KDV %20", lira(1500)),
        Item("shipping", "Kargo", lira(500)),
    )
    assert invoiced(items=items)["items"] == [
        {"name": "Muayene", "price": "80.00", "quantity": 1, "description": "Muayene"},
        {"name": "Vergi", "price": "15.00", "quantity": 1, "description": "KDV %20"},
        {"name": "Nakliye Ücreti", "price": "5.00", "quantity": 1, "description": "Kargo"},
    ]


@pytest.mark.parametrize(
    ("quantity", "minor", "line"),
    [
        ("3", 10000, ("3 x Fırça", "100.00", 1)),  # No price times three is a hundred.
        ("4", 10000, ("Fırça", "25.00", 4)),
        ("4.0", 10000, ("Fırça", "25.00", 4)),
        ("100", 10000, ("Fırça", "1.00", 100)),
        ("2.50", 10000, ("2.5 x Fırça", "100.00", 1)),
        ("0.5", 10000, ("0.5 x Fırça", "100.00", 1)),
        ("1", 10000, ("Fırça", "100.00", 1)),
    ],
)
def test_quantities_are_whole_or_in_words(invoiced, quantity, minor, line):
    item = Item("product", "Fırça", lira(minor), Decimal(quantity))
    (told,) = invoiced(items=(item,))["items"]
    assert (told["name"], told["price"], told["quantity"]) == line
    assert told["description"] == "Fırça"


def test_a_discount_is_taken_off_the_prices_and_told(invoiced):
    """As in the document's example, whose items add up to its total although it has a discount."""
    items = (
        Item("product", "Muayene", lira(8000), Decimal(2)),
        Item("product", "Fırça", lira(1000)),
        Item("discount", "Kupon", lira(-900)),
        Item("tax", "KDV", lira(1800)),
        Item("shipping", "Kargo", lira(100)),
    )
    invoice = invoiced(items=items)
    prices = [(item["name"], item["price"], item["quantity"]) for item in invoice["items"]]
    assert prices == [
        ("2 x Muayene", "72.09", 1),
        ("Fırça", "9.01", 1),
        ("Vergi", "18.00", 1),
        ("Nakliye Ücreti", "0.90", 1),
    ]
    assert (invoice["total"], invoice["discount"]) == ("100.00", "9.00")


@pytest.mark.parametrize("flow", ["card_3d", "card_2d"])
def test_only_the_page_documents_a_discount(flow):
    items = (Item("product", "Muayene", lira(12000)), Item("discount", "Kupon", lira(-2000)))
    checkout = replace(ON_PAGE, flow=flow, items=items)
    invoice = Platformode(CREDENTIALS)._invoice(ORDER, checkout)
    assert "discount" not in invoice
    assert [item["price"] for item in invoice["items"]] == ["100.00"]


def test_what_does_not_add_up_is_one_line(invoiced):
    items = (Item("product", "Muayene", lira(9999)),)
    (line,) = invoiced(items=items)["items"]
    assert (line["name"], line["price"]) == (ON_PAGE.description, "100.00")


KINDS = st.sampled_from(["product", "tax", "shipping", "discount"])


@given(st.lists(st.tuples(KINDS, st.integers(1, 10**9), st.integers(0, 30)), max_size=20))
def test_items_sum_to_the_total(rows):
    items = tuple(
        Item(kind, "x", lira(-minor if kind == "discount" else minor), Decimal(tenths) / 10)
        for kind, minor, tenths in rows
    )
    total = sum(item.amount.minor for item in items)
    order = replace(ORDER, amount=lira(total if total > 0 else 1))
    invoice = Platformode(CREDENTIALS)._invoice(order, replace(ON_PAGE, items=items))
    cents = [int(item["price"].replace(".", "")) * item["quantity"] for item in invoice["items"]]
    assert all(cent > 0 for cent in cents)
    assert sum(cents) == int(invoice["total"].replace(".", ""))


@pytest.mark.parametrize(
    ("changes", "field", "longest"),
    [
        ({"items": (Item("product", "ş" * 300, lira(1)),)}, "name", 100),
        ({"items": (Item("tax", "ş" * 300, lira(1)),)}, "description", 100),
    ],
)
def test_what_is_too_long_for_an_item_is_cut(invoiced, changes, field, longest):
    order = replace(ORDER, amount=lira(1))
    assert invoiced(order, **changes)["items"][0][field] == "ş" * longest


def test_letters_of_turkish_stay_what_they_are(opened):
    form = opened(description='Çay & "şeker" + €', **of_customer(name="Şükrü Öz"))
    assert json.loads(form["invoice"])["invoice_description"] == 'Çay & "şeker" + €'
    assert (form["name"], form["surname"]) == ("Şükrü", "Öz")


# === THE CUSTOMER === #


@pytest.mark.parametrize(
    ("whole", "first", "last"),
    [
        ("Ali Veli", "Ali", "Veli"),
        ("Ali Can Veli", "Ali Can", "Veli"),
        ("  Ali  Veli ", "Ali", "Veli"),
        ("Ali", "Ali", "Ali"),
        ("", "Müşteri", "Müşteri"),
        ("\U0001f338", "Müşteri", "Müşteri"),
        ("Ali\u00a0Veli", "Ali", "Veli"),
        ("ş" * 80 + " " + "ö" * 80, "ş" * 50, "ö" * 50),
    ],
)
def test_a_name_is_split_before_the_surname(opened, whole, first, last):
    form = opened(**of_customer(name=whole))
    assert (form["name"], form["surname"]) == (first, last)


def test_each_part_of_an_address_has_a_field_of_its_own(invoiced):
    invoice = invoiced(
        **of_customer(
            street="Kordon\r\n5 \U0001f3e0",
            street2="Kat 2",
            city="Konak",
            state="İzmir",
            postcode="35250",
        )
    )
    assert {name: text for name, text in invoice.items() if name.startswith("bill_")} == {
        "bill_address1": "Kordon 5",
        "bill_address2": "Kat 2",
        "bill_city": "Konak",
        "bill_state": "İzmir",
        "bill_postcode": "35250",
        "bill_country": "TURKEY",
        "bill_email": "ali.veli@example.com",
        "bill_phone": "+905551234567",
    }


def test_other_countries_have_their_english_names(invoiced):
    abroad = of_customer(country="DE", country_name="Germany", phone="0151 23456789")
    invoice = invoiced(**abroad)
    assert (invoice["bill_country"], invoice["bill_phone"]) == ("GERMANY", "+4915123456789")


@pytest.mark.parametrize("field", ["street", "street2"])
def test_a_line_of_an_address_has_a_hundred_letters_at_most(invoiced, field):
    assert "ş" * 100 in invoiced(**of_customer(**{field: "ş" * 300})).values()


def test_what_the_customer_has_not_is_left_out_and_is_not_the_shops(opened):
    form = opened(customer=Contact(name="Ali Veli", email="şule@example.com"), ip="10.0.0.7")
    invoice = json.loads(form["invoice"])
    told = {name for name in invoice if name.startswith("bill_")}
    assert (told, invoice["bill_email"]) == ({"bill_email"}, CHECKOUT.shop.email)
    assert "ip" not in form


@pytest.mark.parametrize(
    ("seen", "posted_ip"),
    [("::ffff:203.0.113.9", "203.0.113.9"), ("2a00:1450::200e", "2a00:1450::200e")],
)
def test_an_ip_address_is_posted_in_its_plain_form(opened, seen, posted_ip):
    assert opened(ip=seen)["ip"] == posted_ip


# === THE ANSWER === #


@pytest.mark.parametrize("status", ["true", "True", True, 1, "1"])
@pytest.mark.parametrize("code", [{}, {"status_code": 100}, {"status_code": "100"}], ids=str)
def test_each_spelling_of_success_sends_the_browser_to_the_page(answered, status, code):
    assert answered({"status": status, "link": LINK} | code) == Redirect(url=LINK)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, Reason.TECHNICAL),
        (3, Reason.TRY_LATER),
        (12, Reason.TECHNICAL),
        (13, Reason.TECHNICAL),
        (14, Reason.WRONG_MERCHANT_KEY),
        (30, Reason.WRONG_APP),
        (33, Reason.TECHNICAL),
        (34, Reason.NOT_ACTIVATED),
        (35, Reason.NOT_ACTIVATED),
        (36, Reason.NOT_ACTIVATED),
        (37, Reason.NOT_ACTIVATED),
        (38, Reason.NOT_ACTIVATED),
        (39, Reason.NOT_ACTIVATED),
        (40, Reason.INSTALLMENT_REFUSED),
        (42, Reason.AMOUNT_REFUSED),
        (43, Reason.NOT_ACTIVATED),
        (45, Reason.SHOP_LIMIT_REACHED),
        (47, Reason.SHOP_LIMIT_REACHED),
        (48, Reason.AMOUNT_REFUSED),
        (56, Reason.WRONG_HOOK),
        (60, Reason.CARD_NOT_ACCEPTED),
        (68, Reason.REQUEST_MISMATCH),
        (76, Reason.CARD_NOT_ACCEPTED),
        (404, Reason.TECHNICAL),
        ("56", Reason.WRONG_HOOK),
    ],
)
@pytest.mark.parametrize("status", [{"status": "false"}, {"status": False}, {}], ids=str)
def test_a_refusal_has_a_code_and_a_reason(answered, status, code, reason):
    with pytest.raises(Refused) as refusal:
        answered(status | {"status_code": code, "status_description": "Neden"})
    assert (refusal.value.reason, refusal.value.code) == (reason, str(code))
    assert refusal.value.text == "Neden"


@pytest.mark.parametrize("status", ["false", False])
@pytest.mark.parametrize("name", ["success_message", "status_description", "message", "error"])
def test_a_refusal_without_a_code_carries_platformodes_words(answered, status, name):
    with pytest.raises(Refused) as refusal:
        answered({"status": status, name: "Neden"})
    assert (refusal.value.text, refusal.value.code) == ("Neden", "")


def test_words_of_a_stranger_are_bounded_and_printable(answered):
    with pytest.raises(Refused) as refusal:
        answered({"status": "false", "success_message": "\0\x1b[1m" + "ş" * 5000})
    assert refusal.value.text.isprintable()
    assert len(refusal.value.text) == 500


def test_a_link_beside_a_refusal_is_not_followed(answered):
    with pytest.raises(Refused):
        answered({"status": "true", "status_code": 13, "link": LINK})
    with pytest.raises(Refused):
        answered({"status": "false", "link": LINK})


# === THE LINK === #


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        "https://app.platformode.com.tr/pay?link=c0ffee&lang=tr#top",
        "https://app.platformode.com.tr:8443/pay",
        f"{LINK}/" + "c0ffee" * 300,
    ],
    ids=lambda link: link[:60],
)
def test_a_link_is_followed_to_the_letter(answered, link):
    assert answered(OPENED | {"link": link}).url == link


def test_a_page_at_another_host_is_noted(answered, caplog):
    """The API may move to a sister's name, and its pages before it."""
    assert answered(OPENED | {"link": "https://app.halkode.com.tr/x"})
    assert "app.halkode.com.tr" in caplog.text


def test_a_page_at_the_host_of_the_api_needs_no_note(answered, caplog):
    answered(OPENED)
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        "true",
        "/purchase/link/c0ffee",
        "//app.platformode.com.tr/x",
        "http://app.platformode.com.tr/x",
        "ftp://app.platformode.com.tr/x",
        "javascript:alert(1)",
        "JavaScript://app.platformode.com.tr/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https:",
        "https://",
        "https:///x",
        "https://user@app.platformode.com.tr/x",
        "https://user:password@app.platformode.com.tr/x",
        "https://:password@app.platformode.com.tr/x",
        "https://@app.platformode.com.tr/x",
        "https://[::1",
        "https://evil.example\\@app.platformode.com.tr/x",
        "https://evil.example\\.platformode.com.tr/x",
        " https://app.platformode.com.tr/x",
        "https://app.platformode.com.tr/x\nSet-Cookie: a=b",
        "https://app.platformode.com.tr/x y",
        "java\tscript:alert(1)",
        "https://app.platformode.com.tr/\0",
        "https://ăpp.platformode.com.tr/x",
        pytest.param("https://app.platformode.com.tr/" + "x" * 5000, id="too long"),
        [LINK],
        {"url": LINK},
        True,
        0,
    ],
    ids=str,
)
def test_a_link_that_is_none_is_not_followed(answered, link):
    with pytest.raises(NoAnswer):
        answered(OPENED | {"link": link})


def test_a_success_without_a_link_is_no_answer(answered):
    with pytest.raises(NoAnswer):
        answered({"status": "true", "success_message": "Link oluşturuldu"})


@given(st.text(max_size=60) | st.text(max_size=40).map("https://{}".format))
def test_no_text_of_a_stranger_becomes_an_unchecked_address(link):
    try:
        url = Platformode(CREDENTIALS)._page({"link": link})
    except NoAnswer:
        return
    assert url == link
    assert url.isascii()
    assert url.isprintable()
    assert url.lower().startswith("https://")
    assert "@" not in url.split("/")[2]
