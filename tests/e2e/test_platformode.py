"""What is different at Platformode: its page, the shop's own card form, reservations, web hooks."""

import re

import pytest
from customer import NUMBERS
from parties import Buyer, Odoo, Platformode, at_once, wait_for
from platformode_pages import confirm, give_card, give_card_on_its_page, send_card
from playwright.sync_api import expect
from test_appointments import book, booking_id, expect_stage, money_of


@pytest.fixture
def code():
    """Return which payment provider it is about."""
    return "platformode"


@pytest.fixture(autouse=True)
def its_page(configure):
    """Take cards on Platformode's page, unless a test wants something else."""
    configure(trpay_flow="page")


@pytest.fixture
def card_form(configure, psp):
    """Take cards in the shop's own page, with 3D Secure."""
    psp.change(is_3d=1)
    configure(trpay_flow="card_3d")


def expect_books_to_agree(odoo, psp, payment):
    wait_for(lambda: odoo.book(payment) == psp.book(payment))


# === ITS OWN PAGE ===


def test_paid_on_its_page(customer, page, odoo, psp, buyer):
    payment = customer.come_to_pay(buyer.choose())
    give_card_on_its_page(page)
    confirm(page)
    customer.expect_thanks()
    assert odoo.state(payment) == "done"
    assert odoo.book(payment) == psp.book(payment)
    assert psp.calls("checkstatus", payment) == 1
    assert psp.calls("token") <= 1


@pytest.mark.viewport("phone")
def test_instalments_are_chosen_before_its_page_where_the_shop_has_a_maximum(
    customer, page, odoo, psp, buyer, configure
):
    configure(trpay_max_installments="3")
    payment = customer.come_to_pay(buyer.choose(1000.00))
    form = page.locator(".o_trpay_installments")
    expect(form.locator("[name=count]")).to_have_count(3)
    form.locator("input[value='3']").check()
    form.locator("[type=submit]").click()
    give_card_on_its_page(page, "family_world")
    confirm(page)
    customer.expect_thanks()
    assert psp.book(payment)["surcharge"] == 5000
    expect_books_to_agree(odoo, psp, payment)


@pytest.mark.viewport("phone")
def test_refused_by_the_bank_on_its_page(customer, page, odoo, psp, buyer):
    payment = customer.come_to_pay(buyer.choose())
    give_card_on_its_page(page, "insufficient_funds")
    confirm(page)
    assert "limit" in customer.expect_failure()
    assert odoo.state(payment) == "error"
    assert psp.book(payment)["collected"] == 0


# === THE SHOP'S OWN CARD FORM ===


def test_paid_with_3d_secure(customer, page, odoo, psp, buyer, card_form, sent_to_odoo):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    send_card(page)
    confirm(page)
    customer.expect_thanks()
    assert odoo.state(payment) == "done"
    expect_books_to_agree(odoo, psp, payment)
    sent = "\n".join(sent_to_odoo)
    assert NUMBERS["visa"][:8] in sent  # What the instalments are asked for with.
    assert NUMBERS["visa"][:9] not in sent.replace(" ", "")
    assert psp.calls("checkstatus", payment) == 1


@pytest.mark.viewport("phone")
def test_paid_by_instalments(customer, page, odoo, psp, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose(1000.00))
    give_card(page, "family_world")
    plan = page.locator(".o_trpay_plans label", has=page.locator("input[value='3']"))
    plan.click()
    expect(page.locator(".o_trpay_pay")).to_contain_text("1.050,00")
    total, verb = page.locator(".o_trpay_pay").inner_text().rsplit(maxsplit=1)
    assert plan.inner_text().endswith(total)
    assert verb == "Öde"
    send_card(page)
    confirm(page)
    customer.expect_thanks()
    assert psp.book(payment)["surcharge"] > 0
    expect_books_to_agree(odoo, psp, payment)


@pytest.mark.viewport("phone")
def test_the_customer_chooses_to_pay_without_3d_secure(
    customer, page, odoo, psp, buyer, card_form, configure, sent_to_odoo
):
    sent_before = len(sent_to_odoo)
    configure(trpay_flow="card_choice")
    payment = customer.come_to_pay(buyer.choose())
    expect(page.locator(".o_trpay_card")).to_have_attribute("action", re.compile("paySmart3D"))
    page.locator(".o_trpay_flow [type=submit]").click()
    expect(page.locator(".o_trpay_flow [value=card_3d]")).to_be_attached()
    give_card(page)
    send_card(page)
    customer.expect_thanks()
    assert psp.calls("pay2d", payment) == 1
    expect_books_to_agree(odoo, psp, payment)
    del sent_to_odoo[sent_before:]  # The customer chose the way in which a card comes here.


@pytest.mark.viewport("phone")
def test_an_agricultural_card_chooses_when_it_pays(customer, page, odoo, psp, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page, "agricultural")
    plans = page.locator(".o_trpay_plans label")
    expect(plans).to_have_count(3)
    plans.nth(2).click()
    send_card(page)
    confirm(page)
    customer.expect_thanks()
    form = psp.ask("GET", f"platformode/payments/{payment.reference}")["form"]
    assert (form["maturity_period"], form["payment_frequency"]) == ("6", "3")
    expect_books_to_agree(odoo, psp, payment)


@pytest.mark.viewport("phone")
def test_refused_by_the_bank(customer, page, odoo, psp, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page, "insufficient_funds")
    send_card(page)
    confirm(page)
    assert "limit" in customer.expect_failure()
    assert odoo.state(payment) == "error"


@pytest.mark.viewport("phone")
def test_a_wrong_password(customer, page, odoo, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    send_card(page)
    confirm(page, "wrong")
    customer.expect_failure()
    assert odoo.state(payment) == "error"


@pytest.mark.viewport("phone")
def test_no_message_moves_what_is_about_to_be_pressed(customer, page, odoo, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose(1000.00))
    give_card(page, "family_world")
    code, error = page.locator("#o_card_code"), page.locator("#o_card_code_error")
    code.fill("1")
    page.locator(".o_trpay_plans label", has=page.locator("input[value='3']")).click()
    expect(page.locator(".o_trpay_pay")).to_contain_text("1.050,00")
    expect(error).to_be_hidden()
    page.locator("#o_card_holder").focus()
    expect(error).to_be_visible()
    code.fill("000")
    expect(error).to_be_hidden()
    send_card(page)
    expect(page.locator("[name=password]")).to_be_visible()
    assert odoo.state(payment) == "draft"


@pytest.mark.viewport("phone")
def test_what_is_wrong_is_said_beside_it(customer, page, odoo, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose())
    expect(page.locator(".o_trpay_card [type=submit]")).to_be_enabled()
    send_card(page)
    for field in ("number", "holder", "expiry", "code"):
        expect(page.locator(f"#o_card_{field}_error")).to_be_visible()
    give_card(page)
    page.locator("#o_card_expiry").fill("01/20")
    send_card(page)
    expect(page.locator("#o_card_expiry_error")).to_be_visible()
    expect(page.locator("#o_card_number_error")).to_be_hidden()
    expect(page.locator(".o_trpay_brand")).to_have_attribute("data-brand", "visa")
    assert odoo.state(payment) == "draft"


@pytest.mark.viewport("phone")
def test_a_mistyped_number_does_not_leave_the_shop(
    customer, page, odoo, psp, buyer, card_form, sent_to_odoo
):
    """At Platformode a form that it refuses ends on JSON, in Test Mode as live."""
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    page.locator("#o_card_number").fill(NUMBERS["visa"][:-1] + "1")
    send_card(page)
    expect(page.locator("#o_card_number_error")).to_be_visible()
    assert psp.calls("pay3d", payment) == 0
    give_card(page)
    send_card(page)
    confirm(page)
    customer.expect_thanks()
    assert odoo.state(payment) == "done"


@pytest.mark.viewport("phone")
def test_who_is_refused_before_the_bank_finds_the_way_back(
    customer, page, odoo, psp, buyer, card_form
):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    psp.change(is_3d=0)
    send_card(page)
    expect(page.get_by_text("status_code")).to_be_visible()
    wait_for(lambda: (odoo.transaction(payment, "trpay_refs")["trpay_refs"] or {}).get("left"))
    page.go_back()
    expect(page.locator(".o_trpay_left h1")).to_contain_text("Platformode")
    page.locator(".o_trpay_left .btn-primary").click()
    expect(page).to_have_url(re.compile("/payment/status"))
    assert odoo.state(payment) == "draft"


def go_back(page, odoo, payment):
    """Leave the bank's page, once the card form's parting message has got through."""
    expect(page.locator("[name=password]")).to_be_visible()
    wait_for(lambda: (odoo.transaction(payment, "trpay_refs")["trpay_refs"] or {}).get("left"))
    page.go_back()


@pytest.mark.viewport("phone")
def test_nothing_of_a_card_is_left_in_the_page(customer, page, odoo, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    send_card(page)
    go_back(page, odoo, payment)
    expect(page.locator(".o_trpay_left")).to_be_visible()
    expect(page.locator("#o_card_number")).to_have_count(0)


@pytest.mark.viewport("phone")
def test_who_comes_back_from_the_bank_starts_again(customer, page, odoo, psp, buyer, card_form):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    send_card(page)
    go_back(page, odoo, payment)
    expect(page.locator(".o_trpay_left")).to_be_visible()
    page.locator(".o_trpay_left .btn-primary").click()
    expect(page).to_have_url(re.compile("/payment/status"))
    assert odoo.state(payment) == "draft"
    assert psp.book(payment)["collected"] == 0


@pytest.mark.viewport("phone")
def test_paid_without_3d_secure(customer, page, odoo, psp, buyer, configure, sent_to_odoo):
    sent_before = len(sent_to_odoo)
    psp.change(is_3d=0)
    configure(trpay_flow="card_2d")
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    send_card(page)
    customer.expect_thanks()
    expect_books_to_agree(odoo, psp, payment)
    assert psp.calls("checkstatus", payment) == 1
    del sent_to_odoo[sent_before:]  # The only way in which a card may come here.


def test_of_four_card_forms_of_one_order_one_is_charged(odoo, psp, buyer, configure):
    psp.change(is_3d=0)
    configure(trpay_flow="card_2d")
    order_id = odoo.order(100.00)
    payments = [buyer.start(100.00, order_id) for _tab in range(4)]
    number = NUMBERS["visa"]
    at_once(*[lambda payment=payment: buyer.send_card(payment, number) for payment in payments])
    states = {payment: odoo.state(payment) for payment in payments}
    assert sorted(states.values()) == ["cancel", "cancel", "cancel", "done"]
    assert sum(psp.calls("pay2d", payment) for payment in payments) == 1
    (paid,) = (payment for payment, state in states.items() if state == "done")
    expect_books_to_agree(odoo, psp, paid)


# === COLLECTED AFTER THE SHOP WAS ASKED ===


@pytest.fixture
def asks_again(card_form, configure):
    """Let Platformode ask the shop before it collects."""
    configure(trpay_asks_again=True)


@pytest.mark.viewport("phone")
def test_collected_once_the_shop_agrees(customer, page, odoo, psp, buyer, asks_again):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    send_card(page)
    confirm(page)
    customer.expect_thanks()
    expect_books_to_agree(odoo, psp, payment)
    assert psp.calls("complete", payment) == 1
    assert psp.calls("checkstatus", payment) == 1


@pytest.mark.viewport("phone")
def test_what_was_canceled_meanwhile_costs_nothing(customer, page, odoo, psp, buyer, asks_again):
    payment = customer.come_to_pay(buyer.choose())
    give_card(page)
    send_card(page)
    expect(page.locator("[name=password]")).to_be_visible()
    odoo.call("sale.order", "action_cancel", [payment.order_id])
    confirm(page)
    customer.expect_failure()
    assert odoo.state(payment) == "cancel"
    assert psp.book(payment)["collected"] == 0


@pytest.mark.viewport("phone")
@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after"])
def test_a_completion_without_an_answer(customer, page, odoo, psp, buyer, asks_again, kind):
    payment = customer.come_to_pay(buyer.choose())
    psp.suffer("complete", kind, payment, seconds=1)
    give_card(page)
    send_card(page)
    confirm(page)
    if kind == "timeout_before":
        odoo.wait_for_state(payment, "pending")
        odoo.later(payment)
        odoo.reconcile()
    wait_for(lambda: psp.book(payment)["collected"] == 10000)
    expect_books_to_agree(odoo, psp, payment)


# === NOBODY IS BELIEVED ===


@pytest.mark.viewport("phone")
@pytest.mark.parametrize("how", ["iv", "replay", "secret"])
def test_a_forged_way_back_pays_nothing(customer, page, odoo, psp, buyer, how):
    old = buyer.paid(psp)
    payment = customer.come_to_pay(buyer.choose())
    give_card_on_its_page(page, "insufficient_funds")
    confirm(page)
    customer.expect_failure()
    page.goto(psp.forge(payment, how=how, of=old.reference))
    odoo.later(payment)
    odoo.reconcile()
    assert odoo.state(payment) == "error"
    assert psp.book(payment)["collected"] == 0


# === A DEPOSIT ===


@pytest.mark.viewport("phone")
def test_a_deposit_confirms_an_appointment(customer, page, odoo, psp, configure):
    (paytr,) = odoo.find("payment.provider", [("code", "=", "paytr")])
    odoo.call("payment.provider", "write", [paytr["id"]], {"is_published": False})
    try:
        book(page)
        booking = booking_id(page)
        customer.submit("card")
        page.wait_for_url("**/platformode/checkout/**")
        give_card_on_its_page(page)
        confirm(page)
        expect_stage(page, "confirmed")
        assert money_of(odoo, booking)[:2] == ("confirmed", "paid")
    finally:
        odoo.call("payment.provider", "write", [paytr["id"]], {"is_published": True})


# === WHAT IT SUFFERS ===


@pytest.mark.parametrize("kind", ["timeout_before", "http_500", "garbage", "slow"])
def test_an_inquiry_without_an_answer_leaves_the_payment_open(odoo, psp, buyer, kind):
    payment = buyer.start()
    psp.suffer("notification", "lost", payment)
    psp.pay(payment, wait=0)
    psp.suffer("checkstatus", kind, payment, seconds=12 if kind == "slow" else 1)
    odoo.later(payment)
    odoo.reconcile()
    if kind != "slow":
        assert odoo.state(payment) == "draft"
        odoo.later(payment)
        odoo.reconcile()
    odoo.wait_until_booked(payment)
    assert odoo.book(payment) == psp.book(payment)


@pytest.mark.viewport("phone")
def test_while_it_is_down_the_customer_reads_a_sentence(customer, page, odoo, buyer):
    with odoo.unreachable_psp("platformode"):
        payment = customer.come_to_pay(buyer.choose())
        assert "Platformode" in customer.expect_failure()
        assert odoo.state(payment) == "error"


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "http_500_after"])
def test_a_refund_without_an_answer_is_made_once(odoo, psp, buyer, kind):
    payment = buyer.paid(psp)
    payment_id = odoo.wait_until_booked(payment)
    psp.suffer("refund", kind, payment, seconds=1)
    odoo.refund(payment_id, 40.00)
    odoo.wait_for_refunds(payment, ("pending", -40.0))
    for _time in range(3):
        odoo.later(payment)
        odoo.reconcile()
    odoo.wait_for_refunds(payment, ("done", -40.0))
    assert psp.book(payment)["refunded"] == 4000


def test_a_capture_without_an_answer_is_made_once(odoo, psp, buyer, configure):
    configure(capture_manually=True)
    payment = buyer.start()
    psp.pay(payment)
    odoo.wait_for_state(payment, "authorized")
    psp.suffer("confirm", "timeout_after", payment, seconds=1)
    capture(odoo, payment, 100.0)
    for _time in range(3):
        odoo.later(payment)
        odoo.reconcile()
    odoo.wait_for_state(payment, "done")
    assert psp.book(payment)["collected"] == 10000


# === IN ANOTHER CURRENCY ===


def test_dollars_are_proven_by_the_list_and_given_back(odoo, psp, buyer):
    (dollar,) = odoo.find("res.currency", [("name", "=", "USD"), ("active", "in", [True, False])])
    odoo.call("res.currency", "write", [dollar["id"]], {"active": True})
    values = {"name": "Dollars", "currency_id": dollar["id"]}
    pricelist_id = odoo.call("product.pricelist", "create", values)
    order_id = odoo.order(100.00)
    odoo.call("sale.order", "write", [order_id], {"pricelist_id": pricelist_id})
    payment = buyer.start(order_id=order_id)
    psp.pay(payment)
    booked = odoo.wait_until_booked(payment)
    assert psp.calls("listing")
    (order,) = psp.ask("GET", f"ledger?order={payment.reference}")["orders"]
    assert (order["currency"], order["collected"]) == ("USD", 10000)
    odoo.refund(booked, 40.00)
    odoo.wait_for_refunds(payment, ("done", -40.0))
    assert psp.book(payment)["refunded"] == 4000


# === WHAT THE OWNER SEES ===


def test_what_instalments_cost(odoo):
    (provider,) = odoo.find("payment.provider", [("code", "=", "platformode")])
    action = odoo.call("payment.provider", "action_trpay_view_installments", [provider["id"]])
    rows = odoo.find("trpay.installment", action["domain"], "card_family", "installments", "total")
    world = {row["installments"]: row["total"] for row in rows if row["card_family"] == "WORLD"}
    assert (world["01"], world["03"]) == (100, 105)
    assert {row["card_family"] for row in rows} >= {"WORLD", "BONUS", "AXESS"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"platformode_app_secret": "x" * 32}, "App Secret yanlış"),
        ({"platformode_merchant_key": "$2y$10$another"}, "Merchant Key yanlış"),
    ],
    ids=["secret", "merchant key"],
)
def test_wrong_keys_are_named(odoo, psp, configure, wrong, said):
    (provider,) = odoo.find("payment.provider", [("code", "=", "platformode")])
    context = {"lang": "tr_TR"}
    check = lambda: odoo.call(  # noqa: E731
        "payment.provider", "action_trpay_test_connection", [provider["id"]], context=context
    )["params"]
    psp.catch_up()  # No two equal requests within two seconds.
    assert check()["type"] == "success"
    psp.catch_up()
    configure(**wrong)
    assert said in check()["message"]


# === ONE TOKEN ===


def test_many_workers_fetch_one_token(open_shop, databases):
    shop = open_shop(workers=2)
    odoo, psp = Odoo(shop, databases), Platformode(shop)
    buyer = Buyer(shop, odoo, "platformode")
    (provider,) = odoo.find("payment.provider", [("code", "=", "platformode")])
    odoo.call("payment.provider", "write", [provider["id"]], {"trpay_flow": False})
    payments = [buyer.choose() for _number in range(8)]
    at_once(*[lambda payment=payment: buyer.visit(payment, "start") for payment in payments])
    assert {odoo.state(payment) for payment in payments} == {"draft"}
    assert psp.calls("token") == 1
    psp.ask("POST", "platformode/clock", seconds=3)  # No two equal requests within two seconds.
    psp.ask("POST", "platformode/tokens/revoke")
    for payment in payments:
        psp.pay(payment)
    for payment in payments:
        odoo.wait_for_state(payment, "done")
    assert psp.calls("token") == 2
    assert [psp.calls("checkstatus", payment) for payment in payments] == [1] * 8


# === RESERVED, GIVEN BACK ===


def capture(odoo, payment, amount):
    """Capture a part of what is reserved, as the wizard does."""
    context = {"active_ids": [payment.id], "active_model": "payment.transaction"}
    values = {"transaction_ids": [(6, 0, [payment.id])], "amount_to_capture": amount}
    wizard = odoo.call("payment.capture.wizard", "create", values, context=context)
    odoo.call("payment.capture.wizard", "action_capture", [wizard])


def test_a_part_is_captured_and_the_rest_let_go(odoo, psp, buyer, configure):
    configure(capture_manually=True)
    payment = buyer.start()
    psp.pay(payment)
    odoo.wait_for_state(payment, "authorized")
    capture(odoo, payment, 60.0)
    odoo.wait_for_state(payment, "done")
    domain = [("source_transaction_id", "=", payment.id)]
    parts = odoo.find("payment.transaction", domain, "state", "amount", order="amount")
    assert [(part["state"], part["amount"]) for part in parts] == [("cancel", 40), ("done", 60)]
    assert psp.book(payment)["collected"] == 6000
    assert odoo.read("sale.order", payment.order_id, "amount_paid")["amount_paid"] == 60
    assert re.search(r"\b40[.,]00", wait_for(lambda: odoo.to_do(payment))["note"])


def test_a_refund_that_platformode_makes_later(odoo, psp, buyer):
    psp.change(refund_mode="later")
    payment = buyer.paid(psp)
    odoo.refund(odoo.wait_until_booked(payment), 40.00)
    odoo.wait_for_refunds(payment, ("pending", -40.0))
    wait_for(lambda: psp.calls("refund", payment))
    (refund,) = psp.ask("GET", f"platformode/refunds?invoice_id={payment.reference}")
    odoo.later(payment)
    psp.ask("POST", f"platformode/refunds/{refund['id']}/approve")
    odoo.wait_for_refunds(payment, ("done", -40.0))
    expect_books_to_agree(odoo, psp, payment)
