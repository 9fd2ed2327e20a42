"""A customer with a browser."""

import re

from playwright.sync_api import expect

from sandbox.cards import CARDS

NUMBERS = {card.name: card.number for card in CARDS}
ADDRESS = {
    "name": "Ali Veli",
    "email": "ali@example.com",
    "phone": "+905551112233",
    "street": "Atatürk Cad. 1",
    "city": "İzmir",
    "zip": "35220",
}
SCALING, CARE_SET = "Diş Taşı Temizliği", "Ağız Bakım Seti"


class Customer:
    """Buys in the shop, with the pages as they are."""

    def __init__(self, page):
        self.page = page

    def fill_cart(self, product=SCALING):
        """Put a product in the cart."""
        self.page.goto("/shop")
        self.page.get_by_role("link", name=product).first.click()
        self.page.wait_for_load_state("networkidle")  # The button's script comes late.
        with self.page.expect_response("**/shop/cart/add"):
            self.page.locator("#add_to_cart").click()

    def go_to_payment(self):
        """Go from the cart to the choice of how to pay, giving an address if one is wanted."""
        self.page.goto("/shop/checkout?try_skip_step=true")
        if "/shop/address" in self.page.url:
            self._give_address()
        self.page.goto("/shop/payment")

    def _give_address(self):
        self.page.wait_for_load_state("networkidle")  # It asks for what a country needs.
        for name, text in ADDRESS.items():
            self.page.locator(f"input[name={name}]").fill(text)
        with self.page.expect_response("**/my/address/country_info/*"):
            self.page.locator("select[name=country_id]").select_option(label="Türkiye")
        state = self.page.locator("select[name=state_id]")
        expect(state).to_be_visible()
        state.select_option(label="İzmir")
        with self.page.expect_navigation():
            self.page.locator("[name=website_sale_main_button]:visible").click()

    def choose(self, method="card"):
        """Choose how to pay and go to the provider's page."""
        option = self.page.locator(f"input[data-payment-method-code={method}]")
        option.check(force=True)  # Its label, which covers it, takes the click.
        self.page.locator("button[name=o_payment_submit_button]:visible").first.click()
        self.page.wait_for_url(re.compile("/payment/paytr/|/odeme/"))

    def to_provider(self, product=SCALING):
        """Do all that comes before the provider's page."""
        self.fill_cart(product)
        self.go_to_payment()
        self.choose()

    @property
    def psp_page(self):
        """The provider's page, in a frame or not."""
        if "/payment/" in self.page.url:
            return self.page.frame_locator("#o_trpay_frame")
        return self.page.locator("body")

    @property
    def reference(self):
        """The order number that the provider's page shows."""
        return self.psp_page.locator(".sum span").inner_text().split()[-1]

    def give_card(self, card="visa", installments=1):
        """Give a card, up to 3-D Secure or the result."""
        form = self.psp_page
        form.locator("[name=cc_owner]").fill("Ali Veli")
        form.locator("[name=card_number]").fill(NUMBERS[card])
        form.locator("[name=expiry_month]").fill("12")
        form.locator("[name=expiry_year]").fill("30")
        form.locator("[name=cvv]").fill("000")
        if installments > 1:
            form.locator("[name=installment_count]").select_option(str(installments))
        form.locator("button[value=pay]").click()

    def give_code(self, code="123456"):
        """Answer the bank's question."""
        self.psp_page.locator("input[name=code]").fill(code)
        self.psp_page.locator("button[value=confirm]").click()

    def pay(self, card="visa", installments=1, code="123456"):
        """Give a card and the code of its bank."""
        self.give_card(card, installments)
        self.give_code(code)

    def expect_thanks(self):
        """See that the shop has the order and thanks for it."""
        expect(self.page).to_have_url(re.compile("/shop/confirmation"), timeout=30_000)

    def expect_failure(self):
        """See the page that says why the payment failed; return the sentence."""
        alert = self.page.locator(".o_trpay_failed [role=alert]")
        expect(alert).to_be_visible(timeout=30_000)
        return alert.locator("p").inner_text()
