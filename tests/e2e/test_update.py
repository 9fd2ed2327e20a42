"""An update from the version before: what was under way then is carried to its end.

It is begun by the code of today, and then stored by hand as that version stored it: in its columns
and in its JSON. So no history of the repository is needed.
"""

import json
from types import SimpleNamespace

import pytest
from customer import Customer
from parties import PATIENCE, Buyer, Odoo, PayTR, Platformode, wait_for
from platformode_pages import confirm, give_card, send_card
from playwright.sync_api import expect
from test_appointments import book, booking_id, money_of, payments_of
from test_platformode import capture
from test_recurring import agree, begin, run_next, running, wait_until_done
from version_before import COLUMNS, VERSIONS

# What no provider documents: whatever was posted was stored.
STRAY = {"card_number": "5406675406675403", "note": "x" * 5000}


@pytest.fixture(scope="module")
def updated(open_shop, databases, browser):
    """Return what was under way, who takes part in it, and that the update is done."""
    shop = open_shop()
    odoo = Odoo(shop, databases)
    its = SimpleNamespace(odoo=odoo, paytr=PayTR(shop), platformode=Platformode(shop))
    buyers = {code: Buyer(shop, odoo, code) for code in ("paytr", "platformode")}
    its.opened = buyers["paytr"].start()
    its.unheard = pay_unheard(its.paytr, buyers["paytr"])
    its.refunded = refund_unanswered(odoo, its.paytr, buyers["paytr"])
    with browser.new_context(base_url=shop.url, locale="tr-TR") as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        its.incomplete = leave_incomplete(odoo, its.platformode, buyers["platformode"], page)
        its.asked_about = pay_unheard(its.platformode, buyers["platformode"])
        its.reserved = reserve(odoo, its.platformode, buyers["platformode"])
        its.recurring, link = agree(odoo)
        begin(page, link)
        its.plan = running(odoo, its.recurring)
        its.booking = hold_time(page)
    with shop.closed():
        go_back(odoo, its)
        databases.update(shop.database)
    return its


# === WHAT WAS BEGUN === #


def configure_platformode(odoo, **settings):
    (provider,) = odoo.find("payment.provider", [("code", "=", "platformode")])
    odoo.call("payment.provider", "write", [provider["id"]], settings)


def pay_unheard(psp, buyer):
    """Pay, and keep the message that tells of it from arriving."""
    payment = buyer.start()
    psp.suffer("notification", "hold", payment, times=9)
    psp.pay(payment, wait=0)
    wait_for(lambda: psp.notifications(payment))
    return payment


def refund_unanswered(odoo, psp, buyer):
    payment = buyer.paid(psp)
    psp.suffer("refund", "timeout_after", payment, seconds=1)
    odoo.refund(odoo.wait_until_booked(payment), 40.00)
    odoo.wait_for_refunds(payment, ("pending", -40.0))
    return payment


def leave_incomplete(odoo, psp, buyer, page):
    """Come back from 3-D Secure, but let the request to collect never arrive."""
    before = psp.settings()
    psp.change(is_3d=1)
    configure_platformode(odoo, trpay_flow="card_3d", trpay_asks_again=True)
    payment = Customer(page, odoo).come_to_pay(buyer.choose())
    psp.suffer("complete", "timeout_before", payment, seconds=1)
    give_card(page)
    send_card(page)
    confirm(page)
    odoo.wait_for_state(payment, "pending")
    psp.change(**before)
    configure_platformode(odoo, trpay_flow="page", trpay_asks_again=False)
    return payment


def reserve(odoo, psp, buyer):
    configure_platformode(odoo, capture_manually=True)
    payment = buyer.start()
    psp.pay(payment)
    odoo.wait_for_state(payment, "authorized")
    configure_platformode(odoo, capture_manually=False)
    return payment


def hold_time(page):
    """Book an appointment and open the page where its deposit is paid."""
    book(page)
    booking = booking_id(page)
    page.locator("input[data-payment-method-code=card]").first.check(force=True)
    page.locator("button[name=o_payment_submit_button]:visible").first.click()
    expect(page.locator("#o_trpay_frame")).to_be_attached()
    return booking


# === AS THE VERSION BEFORE HAD IT === #


def go_back(odoo, its):
    """Take away what that version did not have, and write what it had written."""
    for table, name in own_columns(odoo):
        if name not in COLUMNS.get(table, "").split():
            odoo.sql(f"ALTER TABLE {table} DROP COLUMN {name}")
    for module, version in VERSIONS.items():
        odoo.sql(f"UPDATE ir_module_module SET latest_version='{version}' WHERE name='{module}'")
    for payment in (its.opened, its.unheard, its.refunded, its.asked_about):
        write_refs(odoo, payment, {"hold": False})
    write_refs(odoo, its.reserved, {"hold": True})
    ours = f"SELECT trpay_refs FROM payment_transaction WHERE id = {its.incomplete.id}"
    refs = json.loads(odoo.sql(ours))  # Odoo does not run.
    write_refs(odoo, its.incomplete, refs | {"unanswered": refs["unanswered"] | STRAY})
    message = its.paytr.notifications(its.unheard)[0]["fields"] | STRAY
    odoo.sql(
        "INSERT INTO trpay_notification (transaction_id, provider_id, key, payload, state)"
        f" SELECT id, provider_id, 'x', $${json.dumps(message)}$$, 'failed'"
        f" FROM payment_transaction WHERE id = {its.unheard.id}"
    )


def write_refs(odoo, payment, refs):
    values = f"trpay_refs = $${json.dumps(refs)}$$"
    odoo.sql(f"UPDATE payment_transaction SET {values} WHERE id = {payment.id}")


def own_columns(odoo):
    """Return the columns that our addons have now, each with its table."""
    rows = odoo.sql(
        "SELECT replace(field.model, '.', '_') || ' ' || field.name FROM ir_model_fields field"
        " JOIN ir_model_data data ON data.model = 'ir.model.fields' AND data.res_id = field.id"
        " JOIN information_schema.columns present"
        " ON present.table_name = replace(field.model, '.', '_')"
        " AND present.column_name = field.name"
        " WHERE data.module LIKE 'payment_trpay%' AND field.model NOT LIKE '%wizard'"
        " AND field.name NOT IN ('id', 'create_uid', 'create_date', 'write_uid', 'write_date')"
    )
    return [row.split() for row in rows.splitlines()]


# === WHAT BECOMES OF IT === #


def test_what_no_provider_documents_is_kept_no_longer(updated):
    stored = updated.odoo.sql(
        "SELECT trpay_refs::text FROM payment_transaction UNION ALL"
        " SELECT payload FROM trpay_notification"
    )
    assert "unanswered" in stored
    assert updated.unheard.reference in stored
    assert STRAY["card_number"] not in stored
    assert STRAY["note"][:100] not in stored


def test_a_page_that_was_open_is_paid(updated):
    updated.paytr.pay(updated.opened)
    updated.odoo.wait_until_booked(updated.opened)
    assert updated.odoo.order_state(updated.opened) == "sale"
    assert updated.odoo.book(updated.opened) == updated.paytr.book(updated.opened)


def test_a_stored_message_is_replayed(updated):
    odoo, payment = updated.odoo, updated.unheard
    (message,) = odoo.find("trpay.notification", [("transaction_id", "=", payment.id)])
    odoo.call("trpay.notification", "action_replay", [message["id"]])
    odoo.wait_until_booked(payment)
    assert odoo.book(payment) == updated.paytr.book(payment)


def test_a_payment_that_nobody_heard_of_is_asked_about(updated):
    updated.odoo.later(updated.asked_about)
    updated.odoo.reconcile()
    updated.odoo.wait_until_booked(updated.asked_about)
    assert updated.platformode.book(updated.asked_about)["collected"] == 10000


def test_a_payment_that_was_not_completed_is_completed_once(updated):
    updated.odoo.later(updated.incomplete)
    updated.odoo.reconcile()
    updated.odoo.wait_until_booked(updated.incomplete)
    assert updated.platformode.book(updated.incomplete)["collected"] == 10000
    assert updated.platformode.calls("complete", updated.incomplete) == 1  # Counted there.


def test_a_refund_without_an_answer_is_made_once(updated):
    updated.odoo.later(updated.refunded)
    updated.odoo.reconcile()
    updated.odoo.wait_for_refunds(updated.refunded, ("done", -40.0))
    assert updated.paytr.book(updated.refunded)["refunded"] == 4000


def test_a_reservation_is_captured(updated):
    capture(updated.odoo, updated.reserved, 100.0)
    updated.odoo.wait_for_state(updated.reserved, "done")
    assert updated.platformode.book(updated.reserved)["collected"] == 10000


def test_recurring_payments_go_on(updated):
    for count in (2, 3):
        run_next(updated.platformode, updated.plan)
        wait_until_done(updated.odoo, updated.recurring, count)


def test_a_deposit_confirms_what_was_held(updated):
    (reference,) = payments_of(updated.odoo, updated.booking)
    updated.paytr.pay(SimpleNamespace(reference=reference))
    wait_for(lambda: money_of(updated.odoo, updated.booking)[0] == "confirmed")
    assert money_of(updated.odoo, updated.booking)[:3] == ("confirmed", "paid", 250)
