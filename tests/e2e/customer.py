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
SCALING = "Diş Taşı Temizliği"
# What a customer is told, by what happened and the language of the page.
SENTENCES = {
    ("declined", ""): "Bankanız ödemeyi onaylamadı.",
    ("declined", "/en"): "Your bank did not approve the payment.",
    ("wrong_code", ""): "Bankanızdan gelen doğrulama kodu yanlış girildi.",
    ("wrong_code", "/en"): "The code from your bank was not right.",
    ("other_name", ""): "Havale/EFT'yi gönderenin adı veya T.C. kimlik numarası",
    ("down", ""): "PayTR ödemeyi başlatamadı. Herhangi bir tutar tahsil edilmedi.",
}


class Customer:
    """Buys in the shop, with the pages as they are."""

    def __init__(self, page, odoo):
        self.page = page
        self._odoo = odoo

    def fill_cart(self, product=SCALING):
        """Look around in the shop and put a product in the cart."""
        self.page.goto("/shop")
        self.page.get_by_role("link", name=product).first.click()
        self.page.wait_for_url(re.compile(r"/shop/[^/?]+-\d+"))
        expect(self.page.locator("body[is-ready=true]")).to_be_attached()  # Scripts come late.
        with self.page.expect_response("**/shop/cart/add"):
            self.page.locator("#add_to_cart").click()

    def fill_cart_at_once(self, product=SCALING):
        """Put a product in the cart without any page."""
        (found,) = self._odoo.find(
            "product.product",
            [("name", "=", product)],
            "product_tmpl_id",
            context={"lang": "tr_TR"},
        )
        params = {
            "product_template_id": found["product_tmpl_id"],
            "product_id": found["id"],
            "quantity": 1,
        }
        answer = self.page.request.post("/shop/cart/add", data={"params": params})
        assert answer.ok, answer.text()

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
        self.submit(method)
        self.page.wait_for_url(re.compile("/payment/paytr/|/odeme/"))

    def submit(self, method):
        """Choose how to pay."""
        option = self.page.locator(f"input[data-payment-method-code={method}]")
        option.check(force=True)  # Its label, which covers it, takes the click.
        self.page.locator("button[name=o_payment_submit_button]:visible").first.click()

    def come_to_pay(self, payment, lang=""):
        """Go on with a payment that was chosen without the pages before; return it."""
        cookie = {"name": "session_id", "value": payment.session_id, "url": self._odoo.url}
        self.page.context.add_cookies([cookie])
        self.page.goto(f"{lang}{payment.start_route}")
        return payment

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
        """Give a card, up to 3D Secure or the result."""
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

    def send_money(self):
        """Say that a bank transfer is on its way."""
        form = self.psp_page
        form.locator("[name=user_name]").fill("Ali Veli")
        form.locator("[name=user_phone]").fill("05551112233")
        form.locator("[name=tc_no_last5]").fill("12345")
        form.locator("button[value=sent]").click()

    def expect_thanks(self):
        """See the order that is confirmed, in the shop or by the link in the quotation."""
        confirmed = re.compile(r"/shop/confirmation|/my/orders/\d")
        expect(self.page).to_have_url(confirmed)

    def expect_failure(self):
        """See the page that says why the payment failed; return the sentence."""
        alert = self.page.locator(".o_trpay_failed [role=alert]")
        expect(alert).to_be_visible()
        return alert.locator("p").inner_text()
