"""The owner of the shop, in the back office."""

import pytest
from parties import Odoo
from playwright.sync_api import expect
from staff import Staff

from dev.shop import MERCHANTS

KEYS = MERCHANTS["paytr"]

pytestmark = pytest.mark.viewport("desktop")


@pytest.fixture
def provider_id(odoo, configure):
    """Return the id of the provider. Its credentials are undone."""
    configure(**KEYS)
    (provider,) = odoo.find("payment.provider", [("code", "=", "paytr")])
    return provider["id"]


@pytest.mark.parametrize(
    ("keys", "connection", "sentence"),
    [
        ({}, "Çalışıyor", "Entegrasyon bilgileri doğru."),
        ({"paytr_merchant_salt": "WRONGSALTghijk45"}, "Başarısız", "Gizli Anahtar yanlış"),
        (
            {
                "paytr_merchant_key": KEYS["paytr_merchant_salt"],
                "paytr_merchant_salt": KEYS["paytr_merchant_key"],
            },
            "Başarısız",
            "birbirinin yerine yazılmış",
        ),
    ],
    ids=["right", "wrong_salt", "swapped"],
)
def test_connection(staff, provider_id, keys, connection, sentence):
    staff.come_in()
    staff.open_form("payment.provider", provider_id)
    for name, text in keys.items():
        staff.fill(name, text)
    staff.press("action_trpay_test_connection")
    expect(staff.field("trpay_connection")).to_have_text(connection)
    expect(staff.field("trpay_connection_message")).to_contain_text(sentence)


def test_parked_payment_is_accepted(staff, odoo, psp, buyer):
    payment = buyer.start()
    psp.suffer("notification", "wrong_amount", payment, amount=-100)
    psp.pay(payment)
    assert odoo.state(payment) == "pending"
    to_do = odoo.to_do(payment)
    (admin,) = odoo.find("res.users", [("login", "=", "admin")])
    assert to_do["user_id"] == admin["id"]

    staff.come_in()
    staff.open_form("payment.transaction", payment.id)
    reason = odoo.transaction(payment, "trpay_review_reason")["trpay_review_reason"]
    expect(staff.page.get_by_role("alert").filter(has_text=reason)).to_be_visible()
    assert reason in to_do["note"]
    staff.press("action_trpay_accept")
    staff.confirm()
    odoo.wait_until_booked(payment)
    assert odoo.order_state(payment) == "sale"
    assert odoo.book(payment) == psp.book(payment)


def test_notifications_are_listed(staff, psp, buyer, provider_id):
    payment = buyer.paid(psp)
    staff.come_in()
    staff.open_form("payment.provider", provider_id)
    staff.press("action_trpay_view_notifications")
    row = staff.page.locator(".o_data_row").filter(has_text=payment.reference)
    expect(row).to_be_visible()
    row.locator("td.o_data_cell").first.click()
    expect(staff.page.locator(".o_form_view")).to_be_visible()


def test_accountant_opens_a_payment(page, shop, databases, odoo, psp, buyer):
    payment = buyer.paid(psp)
    odoo.employ("accountant", "base.group_user", "account.group_account_invoice")
    staff = Staff(page, Odoo(shop, databases, "accountant"))
    staff.come_in()
    staff.open_form("payment.transaction", payment.id)
    expect(staff.field("reference")).to_have_text(payment.reference)
    expect(page.locator(".o_error_dialog")).to_have_count(0)
