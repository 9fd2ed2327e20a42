"""Staff with a browser, in the back office."""

from playwright.sync_api import expect


class Staff:
    """Works in Odoo's back office."""

    def __init__(self, page, user):
        self.page = page
        self._user = user

    def come_in(self):
        """Be logged in."""
        self.page.context.add_cookies(
            [{"name": "session_id", "value": self._user.session_id, "url": self._user.url}]
        )

    def open_form(self, model, record_id):
        """Open the form of a record."""
        self.page.goto(f"/odoo/{model}/{record_id}")
        expect(self.page.locator(".o_form_view")).to_be_visible()

    def press(self, action):
        """Press the button of a form that calls this method."""
        self.page.locator(f"button[name={action}]:visible").click()

    def field(self, name):
        """Return a field of the opened form."""
        return self.page.locator(f".o_field_widget[name={name}]")

    def fill(self, name, text):
        """Change a field of the opened form."""
        self.field(name).locator("input").fill(text)

    def confirm(self):
        """Say yes to the question that a button asks."""
        self.page.locator(".modal footer .btn-primary").click()

    # --- bank transfers

    def receive_transfer(self, subject, amount=None):
        """Say that a transfer that is waited for arrived, or another amount of it."""
        self._open_action("action_transfers_waiting")
        row = self.page.locator("tr.o_data_row", has_text=subject)
        row.locator("button[name=action_transfer_received]").click()
        dialog = self.page.locator(".modal")
        expect(dialog.locator("[name=amount] input")).not_to_have_value("")
        if amount:
            dialog.locator("[name=amount] input").fill(amount)
            dialog.locator("[name=amount] input").blur()
            expect(dialog.locator(".alert-warning")).to_be_visible()
        dialog.locator("button[name=action_confirm]").click()
        expect(row).to_have_count(0)

    def give_back(self, subject):
        """Say that what a provider cannot give back was sent."""
        self._open_action("action_refunds_by_hand")
        row = self.page.locator("tr.o_data_row", has_text=subject)
        row.locator("button[name=action_refund_given_back]").click()
        self.confirm()
        expect(row).to_have_count(0)

    def _open_action(self, name):
        self.page.goto(f"/odoo/action-payment_trpay.{name}")

    # --- giving back

    def open_payment(self, payment_id):
        """Open an `account.payment`."""
        self.open_form("account.payment", payment_id)

    def expect_no_refund(self):
        """See that the opened payment, once it is loaded, offers no refund."""
        expect(self.page.locator("button[name=action_refund_wizard]")).to_be_hidden()

    def refund(self, payment_id, amount=None):
        """Refund an amount, or what the wizard proposes."""
        self.open_payment(payment_id)
        self.press("action_refund_wizard")
        dialog = self.page.locator(".modal")
        if amount:
            dialog.locator("[name=amount_to_refund] input").fill(amount)
        dialog.locator("button[name=action_refund]").click()
        expect(dialog).to_be_hidden()
