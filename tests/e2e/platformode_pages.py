"""What a customer does on Platformode's pages, and in the card form of the shop."""

from customer import NUMBERS
from playwright.sync_api import expect

PASSWORD = "a"


def give_card_on_its_page(page, card="visa"):
    page.locator("[name=cc_holder_name]").fill("Ali Veli")
    page.locator("[name=cc_no]").fill(NUMBERS[card])
    page.locator("[name=expiry_month]").fill("12")
    page.locator("[name=expiry_year]").fill("2030")
    page.locator("[name=cvv]").fill("000")
    page.locator("button[value=pay]").click()


def give_card(page, card="visa"):
    expect(page.locator(".o_trpay_card [type=submit]")).to_be_enabled()  # Its script comes late.
    page.locator("#o_card_number").fill(NUMBERS[card])
    page.locator("#o_card_holder").fill("Ali Veli")
    page.locator("#o_card_expiry").fill("12/30")
    page.locator("#o_card_code").fill("000")


def send_card(page):
    page.locator(".o_trpay_card [type=submit]").click()


def confirm(page, password=PASSWORD):
    page.locator("[name=password]").fill(password)
    page.locator("button[value=confirm]").click()
