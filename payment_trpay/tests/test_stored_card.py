import json
from dataclasses import replace
from datetime import timedelta

import requests
from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import const
from ..gateways.base import Card, Outcome, State, StoredCard
from .common_platformode import PlatformodeCommon

CARD = Card(number="4111111111111111", holder="Ali Veli", month="12", year="2030", code="000")
TYPED = {
    "card_number": "4111 1111 1111 1111",
    "card_holder": "Ali Veli",
    "card_month": "12",
    "card_year": "2030",
    "card_code": "000",
    "plan": "1",
}
STORED = {"status_code": 100, "card_token": "KELUUKPQBCGYLV7F"}
PLANS = {
    "status_code": 100,
    "data": [
        {"installments_number": 1, "amount_to_be_paid": "49.00"},
        {"installments_number": 3, "amount_to_be_paid": "51.45"},
    ],
}
TOKEN_LOGGER = "odoo.addons.payment_trpay.models.payment_token"


def access(is_3d):
    return {"status_code": 100, "data": {"token": "eyJ0eXAi.handed.out", "is_3d": is_3d}}


def listed(customer, *tokens):
    owner = {"customer_number": f"{customer.id}-98950", "bin": "411111"}
    return {"status_code": 100, "data": [owner | {"card_token": token} for token in tokens]}


class StoredCardCommon(PlatformodeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.write({"trpay_flow": "card_3d", "allow_tokenization": True})

    def _kept(self, **values):
        """A card that Platformode keeps."""
        return self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.card.id,
                "partner_id": self.partner.id,
                "provider_ref": "KELUUKPQBCGYLV7F",
                "trpay_customer": str(self.partner.id),
                "trpay_card_number": "411111******1111",
                "payment_details": "1111",
                "trpay_expires": "2030-12-31",
            }
            | values
        )

    def _started(self, flow="card_3d", is_3d=1, **values):
        """A payment whose customer sees the card form."""
        self.provider.trpay_flow = flow
        tx = self._pay(**values)
        self._start(tx, is_3d)
        self.assertEqual(tx.trpay_page_url, tx._trpay_route("card"))
        return tx

    def _start(self, tx, is_3d=1, **answers):
        return self._answering(
            lambda env: tx.with_env(env)._trpay_start(), token=access(is_3d), **answers
        )

    def _by_token(self, token, **values):
        return self._create_transaction(
            "token", reference=self._reference(), token_id=token.id, **values
        )


@tagged("post_install", "-at_install")
class TestStoredCard(StoredCardCommon):
    # === LETTING PLATFORMODE KEEP ONE === #

    def test_a_card_is_kept_once_it_has_paid(self):
        tx = self._started(tokenize=True)
        self._answering(lambda env: tx.with_env(env)._trpay_store_first(CARD), saveCard=STORED)
        self.assertFalse(tx.token_id)
        self.assertEqual(tx._trpay_stored_card().token, "KELUUKPQBCGYLV7F")
        self._find_out(tx, checkstatus=self._status(tx))
        token = tx.token_id
        self.assertEqual((tx.state, tx.tokenize), ("done", False))
        self.assertEqual((token.payment_details, token.partner_id), ("1111", self.partner))
        self.assertEqual(token.trpay_expires, fields.Date.to_date("2030-12-31"))
        self.assertIn("1111 (12/30)", token.display_name)
        self.assertFalse(tx.trpay_new_token)

    def test_a_card_that_is_saved_again_is_kept_once(self):
        older, other = self._kept(provider_ref="older"), self._kept(trpay_expires="2031-01-31")
        tx = self._started(tokenize=True)
        self._answering(lambda env: tx.with_env(env)._trpay_store_first(CARD), saveCard=STORED)
        self._find_out(tx, checkstatus=self._status(tx))
        self.assertEqual((older.active, older.trpay_deletion), (False, "due"))
        self.assertTrue(tx.token_id.active and other.active)

    def test_a_card_that_could_not_pay_is_not_kept(self):
        tx = self._started(tokenize=True)
        self._answering(lambda env: tx.with_env(env)._trpay_store_first(CARD), saveCard=STORED)
        self._find_out(tx, checkstatus=self._status(tx, status_code=41))
        self.assertEqual((tx.state, tx.token_id.id), ("error", False))
        domain = [("partner_id", "=", self.partner.id)]
        (token,) = self.env["payment.token"].with_context(active_test=False).search(domain)
        self.assertEqual((token.active, token.trpay_deletion), (False, "due"))

    def test_a_payment_that_nobody_made_keeps_no_card(self):
        tx = self._started(tokenize=True)
        self._answering(lambda env: tx.with_env(env)._trpay_store_first(CARD), saveCard=STORED)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - interval '11 days'"
            " WHERE id = %s",
            [tx.id],
        )
        self.env.invalidate_all()
        self._find_out(tx, checkstatus={"status_code": 31})
        self.assertFalse(tx.trpay_new_token)

    def test_without_3d_secure_a_card_is_kept_after_it_has_paid(self):
        tx = self._started("card_2d", 0, tokenize=True)
        sent = self._answering(
            lambda env: tx.with_env(env)._trpay_charge(CARD, 1),
            token=access(0),
            paySmart2D={"status_code": 100},
            checkstatus=self._status(tx),
            saveCard=STORED,
        )
        services = [service for service, _body in sent]
        self.assertEqual(services, ["token", "paySmart2D", "checkstatus", "saveCard"])
        self.assertEqual((tx.state, tx.token_id.payment_details), ("done", "1111"))

    def test_a_web_hook_that_is_faster_than_the_answer_costs_no_card(self):
        tx = self._started("card_2d", 0, tokenize=True)
        values = tx.env["payment.token"]._trpay_values(
            StoredCard(token="K", customer="1", number="411111******1111"),
            "12",
            "2030",
            is_live=False,
        )
        outcome = Outcome(state=State.PAID)
        tx._trpay_settle(outcome)
        self.assertFalse(tx.token_id)
        tx._trpay_conclude_charge(outcome, values)
        self.assertEqual((tx.state, tx.token_id.provider_ref), ("done", "K"))

    def test_a_card_that_is_sent_twice_is_stored_once(self):
        tx = self._started(tokenize=True)

        def send(env):
            for _time in range(2):
                tx.with_env(env)._trpay_store_first(CARD)

        sent = self._answering(send, saveCard=STORED)
        self.assertEqual([service for service, _body in sent], ["token", "saveCard"])

    def test_many_cards_are_not_stored_with_one_payment(self):
        tx = self._started(tokenize=True)
        self.assertTrue(tx._trpay_may_store())
        tx.trpay_refs |= {"stores": const.MOST_REFUSED_CARDS}
        self.assertFalse(tx._trpay_may_store())

    def test_nothing_of_a_card_is_in_what_platformode_says(self):
        tx = self._started("card_2d", 0)
        echo = f"cc_no {CARD.number} with cvv 987 is invalid"
        card = replace(CARD, code="987")
        self._answering(
            lambda env: tx.with_env(env)._trpay_charge(card, 1),
            token=access(0),
            paySmart2D={"status_code": 41, "status_description": echo},
            checkstatus={"status_code": 31},
        )
        self.assertEqual(tx.state, "error")
        self.assertNotIn("987", tx.trpay_provider_message)
        self.assertNotIn(CARD.number, tx.trpay_provider_message)

    def test_who_is_not_logged_in_is_shown_no_card(self):
        self._kept()
        tokens = self.env["payment.token"].with_user(self.public_user).sudo()
        self.assertFalse(tokens._get_available_tokens(self.provider.ids, self.partner.id))

    def test_a_test_card_is_not_offered_in_earnest(self):
        token = self._kept()
        self.provider.state = "enabled"
        offered = self.env["payment.token"]._get_available_tokens(
            self.provider.ids, self.partner.id
        )
        self.assertNotIn(token, offered)
        self.assertTrue(token._trpay_gateway()._test)

    def test_what_keeps_a_card_from_being_kept_costs_no_payment(self):
        for trouble in ({"status_code": 86}, requests.ReadTimeout()):
            tx = self._started("card_2d", 0, tokenize=True)
            with mute_logger("odoo.addons.payment_trpay.models.payment_card"):
                self._answering(
                    lambda env, tx=tx: tx.with_env(env)._trpay_charge(CARD, 1),
                    token=access(0),
                    paySmart2D={"status_code": 100},
                    checkstatus=self._status(tx),
                    saveCard=trouble,
                )
            self.assertEqual((tx.state, tx.token_id.id), ("done", False))

    def test_a_card_is_kept_without_a_payment(self):
        tx = self._create_transaction(
            "redirect", operation="validation", reference=self._reference(), amount=0, tokenize=True
        )
        self.assertEqual(self._start(tx), [])
        self._answering(lambda env: tx.with_env(env)._trpay_store_first(CARD), saveCard=STORED)
        self.assertEqual((tx.state, tx.token_id.provider_ref), ("done", STORED["card_token"]))

    def test_no_number_of_a_card_is_left(self):
        tx = self._started(tokenize=True)
        self._answering(lambda env: tx.with_env(env)._trpay_store_first(CARD), saveCard=STORED)
        self._find_out(tx, checkstatus=self._status(tx))
        for table in ("payment_transaction", "payment_token"):
            self.env.cr.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%{CARD.number}%%'"
            )
            self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_the_provider_s_own_page_keeps_none(self):
        with self.assertRaises(ValidationError):
            self.provider.trpay_flow = "page"

    # === PAYING WITH ONE === #

    def test_a_kept_card_pays_with_3d_secure(self):
        token = self._kept()
        tx = self._by_token(token)
        self.assertEqual(tx.state, "draft")
        self.assertTrue(tx._trpay_has_to_go_on())
        self._start(tx, getCardTokens=listed(self.partner, token.provider_ref))
        entries = []
        self._answering(
            lambda env: entries.append(tx.with_env(env)._trpay_card_entry()), token=access(1)
        )
        (entry,) = entries
        self.assertTrue(entry.url.endswith("/api/payByCardToken"))
        self.assertEqual(entry.fields["card_token"], token.provider_ref)
        self.assertEqual(entry.fields["customer_number"], str(self.partner.id))
        self.assertFalse(entry.names)

    def test_a_kept_card_that_platformode_has_lost(self):
        token = self._kept()
        tx = self._by_token(token)
        self._start(tx, getCardTokens=listed(self.partner, "another"))
        self.assertEqual((tx.state, token.active), ("error", True))
        self.assertIn("saved card", tx.state_message)

    def test_no_answer_about_a_kept_card_keeps_nobody_from_paying(self):
        token = self._kept()
        tx = self._by_token(token)
        self._start(tx, getCardTokens=requests.ReadTimeout())
        self.assertEqual((tx.state, token.active), ("draft", True))

    def test_staff_charge_a_kept_card(self):
        token = self._kept()
        tx = self._by_token(token, operation="offline")

        def charge(env):
            tx.with_env(env)._charge_with_token()

        sent = self._answering(
            charge,
            token=access(1),
            payByCardTokenNonSecure={"status_code": 100},
            checkstatus=self._status(tx),
        )
        services = [service for service, _body in sent]
        self.assertEqual(services, ["token", "payByCardTokenNonSecure", "checkstatus"])
        self.assertEqual(tx.state, "done")

    def test_a_charge_by_staff_without_an_answer_is_looked_up(self):
        tx = self._by_token(self._kept(), operation="offline")
        self._answering(
            lambda env: tx.with_env(env)._charge_with_token(),
            token=access(1),
            payByCardTokenNonSecure=requests.ReadTimeout(),
        )
        self.assertEqual((tx.state, bool(tx.trpay_next_inquiry)), ("pending", True))
        self.assertIn("not known yet", self._told()["title"])
        self._find_out(tx, checkstatus=self._status(tx))
        self.assertEqual(tx.state, "done")

    def test_staff_are_told_that_a_card_was_refused(self):
        tx = self._by_token(self._kept(), operation="offline")
        self._answering(
            lambda env: tx.with_env(env)._charge_with_token(),
            token=access(1),
            payByCardTokenNonSecure={"status_code": 41, "status_description": "No funds"},
            checkstatus=self._status(tx, status_code=41, transaction_status="Failed"),
        )
        self.assertEqual(tx.state, "error")
        told = self._told()
        self.assertIn("was not charged", told["title"])
        self.assertTrue(told["message"])

    def _told(self):
        """What the notification says that staff get."""
        self.env.cr.precommit.run()
        (sent,) = self.env["bus.bus"].search([("message", "like", "simple_notification")])
        return json.loads(sent.message)["payload"]

    def test_an_expired_card_is_not_offered(self):
        expired = self._kept(trpay_expires=fields.Date.today() - timedelta(days=1))
        good = self._kept(provider_ref="other")
        offered = self.env["payment.token"]._get_available_tokens(
            self.provider.ids, self.partner.id
        )
        self.assertIn(good, offered)
        self.assertNotIn(expired, offered)
        managed = self.env["payment.token"]._get_available_tokens(
            None, self.partner.id, is_validation=True
        )
        self.assertIn(expired, managed)

    # === DELETING ONE === #

    def _reconcile(self, **answers):
        with self._woken():
            return self._answering(
                lambda env: env["payment.transaction"]._cron_trpay_reconcile(), **answers
            )

    def test_what_is_deleted_here_is_deleted_there(self):
        token = self._kept()
        with self._woken() as woken:
            token.active = False
        self.assertEqual((len(woken), token.trpay_deletion), (1, "due"))
        _token, (service, body) = self._reconcile(deleteCard={"status_code": 100})
        self.assertEqual((service, body["card_token"]), ("deleteCard", token.provider_ref))
        self.assertEqual(token.trpay_deletion, "done")
        self.assertEqual(self._reconcile(), [])

    @mute_logger(TOKEN_LOGGER)
    def test_what_could_not_be_deleted_is_deleted_later(self):
        token = self._kept()
        token.trpay_is_live = True
        sandbox = self.provider._trpay_gateway(test=True)
        self.patch(self.registry["payment.token"], "_trpay_gateway", lambda _token: sandbox)
        token.active = False
        kept = {
            "deleteCard": {"status_code": 88},
            "getCardTokens": listed(self.partner, token.provider_ref),
        }
        for trouble in ({"deleteCard": requests.ReadTimeout()}, kept):
            self._reconcile(**trouble)
            self.assertEqual(token.trpay_deletion, "due")
            self.assertEqual(self._reconcile(), [])
            token.trpay_next_inquiry = fields.Datetime.now()
        self._reconcile(deleteCard={"status_code": 100})
        self.assertEqual((token.trpay_deletion, token.trpay_next_inquiry), ("done", False))

    def test_a_card_is_kept_of_a_payment_that_a_person_accepts(self):
        card = self._kept().copy_data()[0] | {"provider_ref": "ANOTHER"}
        values = {name: card[name] for name in ("provider_ref", "trpay_customer")}
        values |= {"trpay_card_number": "540011******0002", "payment_details": "0002"}
        tx = self._pay(tokenize=True, trpay_new_token=values)
        tx._trpay_park("Odd")
        tx.action_trpay_accept()
        self.assertEqual((tx.state, tx.token_id.provider_ref), ("done", "ANOTHER"))
        self.assertFalse(tx.trpay_new_token)

    @mute_logger(TOKEN_LOGGER)
    def test_a_test_card_need_not_be_deleted_there(self):
        token = self._kept()
        token.active = False
        self._reconcile(deleteCard=requests.ReadTimeout())
        self.assertEqual(token.trpay_deletion, "due")
        token.trpay_next_inquiry = fields.Datetime.now()
        stays = listed(self.partner, token.provider_ref)
        self._reconcile(deleteCard={"status_code": 88}, getCardTokens=stays)
        self.assertEqual(token.trpay_deletion, "done")

    def test_a_card_that_was_saved_twice_by_the_same_name_is_kept(self):
        token = self._kept()
        again = token.copy()
        token.active = False
        self.assertEqual(self._reconcile(), [])
        self.assertEqual(token.trpay_deletion, "done")
        again.active = False
        _token, (service, _body) = self._reconcile(deleteCard={"status_code": 100})
        self.assertEqual((service, again.trpay_deletion), ("deleteCard", "done"))

    def test_a_deleted_card_does_not_come_back(self):
        token = self._kept()
        with self.assertRaises(UserError):
            token.unlink()
        token.active = False
        with self.assertRaises(UserError):
            token.active = True
        self._reconcile(deleteCard={"status_code": 100})
        token.unlink()

    # === A NEW DATE === #

    def _renew(self, token, expiry, **answers):
        wizard = self.env["trpay.card.wizard"].create({"token_id": token.id, "expiry": expiry})
        return self._answering(lambda env: wizard.with_env(env).action_renew(), **answers)

    def test_a_card_gets_a_new_date(self):
        token = self._kept()
        _token, (service, body) = self._renew(token, "03/31", editCard={"status_code": 100})
        self.assertEqual(service, "editCard")
        self.assertEqual((body["expiry_month"], body["expiry_year"]), ("03", "2031"))
        self.assertEqual(token.trpay_expires, fields.Date.to_date("2031-03-31"))

    def test_a_date_that_is_none(self):
        token = self._kept()
        for expiry in ("13/30", "03/2x", "", "01/20"):
            with self.assertRaises(UserError):
                self._renew(token, expiry or " ")
        with self.assertRaises(UserError):
            self._renew(token, "03/31", editCard={"status_code": 89, "status_description": "no"})
        self.assertEqual(token.trpay_expires, fields.Date.to_date("2030-12-31"))

    def test_only_administrators_renew(self):
        token = self._kept()
        with self.assertRaises(AccessError):
            self.env["trpay.card.wizard"].with_user(self.portal_user).create(
                {"token_id": token.id, "expiry": "03/31"}
            )


@tagged("post_install", "-at_install")
class TestStoredCardBooks(StoredCardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False
        if "account.payment" not in cls.env:
            cls.skipTest(cls, "no invoicing")

    def test_a_payment_that_core_gave_up_is_booked_when_its_money_comes(self):
        token = self._kept()
        self.provider.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.code == "platformode"
        ).payment_account_id = self.env["account.account"].search(
            [("account_type", "=", "asset_current"), ("company_ids", "in", self.env.company.id)],
            limit=1,
        )
        payment = self.env["account.payment"].create(
            {
                "amount": 49.0,
                "currency_id": self.lira.id,
                "partner_id": self.partner.id,
                "payment_type": "inbound",
                "payment_token_id": token.id,
            }
        )
        self._answering(
            lambda env: payment.with_env(env).action_post(),
            token=access(1),
            payByCardTokenNonSecure=requests.ReadTimeout(),
        )
        tx = payment.payment_transaction_id
        self.assertEqual((payment.state, tx.state), ("canceled", "pending"))
        self._find_out(tx, checkstatus=self._status(tx))
        tx._post_process()
        self.assertNotEqual(tx.payment_id, payment)
        self.assertEqual((tx.payment_id.amount, tx.payment_id.state), (49.0, "in_process"))


@tagged("post_install", "-at_install")
class TestStoredCardForm(StoredCardCommon, PaymentHttpCommon):
    def _post(self, tx, **changes):
        self.env.flush_all()
        response = self.url_open(
            self._build_url(tx._trpay_route("card")), data=TYPED | changes, allow_redirects=False
        )
        self.env.invalidate_all()
        return response

    def _where(self, response):
        return (
            response.headers.get("Location", "")
            .rsplit("/payment/platformode/", 1)[-1]
            .split("/")[0]
        )

    def test_a_card_to_keep_comes_to_the_shop_and_then_pays(self):
        tx = self._started(tokenize=True)
        with self._platformode(token=access(1), saveCard=STORED) as sent:
            response = self._post(tx)
        self.assertEqual((response.status_code, self._where(response)), (303, "card"))
        self.assertEqual([service for service, _body in sent], ["token", "saveCard"])
        self.assertEqual(tx.state, "draft")
        with self._platformode(token=access(1)):
            page = self.url_open(self._build_url(tx._trpay_route("card"))).text
        self.assertIn("payByCardToken", page)
        self.assertIn("1111", page)
        self.assertNotIn("o_card_number", page)
        self.assertIn('data-goes-on="1"', page)

    def _with_plan(self, plan, **answers):
        """The page where a card goes on that was stored with a plan chosen, and what was asked."""
        tx = self._started(tokenize=True)
        with self._platformode(token=access(1), saveCard=STORED):
            self._post(tx, plan=plan)
        with self._platformode(token=access(1), **answers) as sent:
            page = html.fromstring(self.url_open(self._build_url(tx._trpay_route("card"))).text)
        (form,) = page.xpath("//form[hasclass('o_trpay_card')]")
        return form, [body["credit_card"] for service, body in sent if service == "getpos"]

    def _offered(self, form):
        """The plans of a page, the one that is checked, and what the button says."""
        plans = form.xpath(".//input[@name='o_card_plan']")
        listed = [plan["count"] for plan in json.loads(form.get("data-plans"))]
        self.assertEqual([plan.get("value") for plan in plans], [str(count) for count in listed])
        (chosen,) = [int(plan.get("value")) for plan in plans if plan.get("checked")]
        (button,) = form.xpath(".//*[hasclass('o_trpay_pay')]")
        return listed, chosen, button.text

    def test_a_stored_card_goes_on_with_the_total_that_it_is_charged(self):
        form, asked = self._with_plan("3", getpos=PLANS)
        listed, chosen, button = self._offered(form)
        self.assertEqual((listed, chosen, asked), ([1, 3], 3, ["411111"]))
        self.assertIn("51.45", button)
        self.assertEqual(form.get("data-goes-on"), "1")

    def test_a_plan_that_is_not_known_to_be_on_offer_is_chosen_again(self):
        without = PLANS | {"data": PLANS["data"][:1]}
        logger = mute_logger("odoo.addons.payment_trpay.models.payment_card")
        for answer in ({"status_code": 1, "status_description": "?"}, without):
            with logger:
                form, asked = self._with_plan("3", getpos=answer)
            listed, chosen, button = self._offered(form)
            self.assertEqual((listed, chosen, asked), ([1], 1, ["411111"]))
            self.assertIn("49.00", button)
            self.assertFalse(form.get("data-goes-on"))

    def test_a_kept_card_is_shown_its_plans_before_one_is_chosen(self):
        tx = self._by_token(self._kept(partner_id=self.portal_partner.id))
        self.authenticate(self.portal_user.login, self.portal_user.login)
        self.env.flush_all()
        answers = {"getCardTokens": requests.ReadTimeout(), "getpos": PLANS}
        with self._platformode(token=access(1), **answers):
            page = self.url_open(self._build_url(tx._trpay_route("start"))).text
        (form,) = html.fromstring(page).xpath("//form[hasclass('o_trpay_card')]")
        self.assertEqual(self._offered(form)[:2], ([1, 3], 1))
        self.assertFalse(form.get("data-goes-on"))

    def test_a_typed_card_has_the_single_payment_until_its_plans_are_known(self):
        tx = self._started()
        with self._platformode(token=access(1)) as sent:
            page = self.url_open(self._build_url(tx._trpay_route("card"))).text
        (form,) = html.fromstring(page).xpath("//form[hasclass('o_trpay_card')]")
        self.assertEqual((self._offered(form)[:2], sent), (([1], 1), []))

    def test_a_card_that_is_not_kept_never_comes_to_the_shop(self):
        tx = self._started()
        with self._platformode(token=access(1)):
            self.assertEqual(self._post(tx).status_code, 404)
            page = self.url_open(self._build_url(tx._trpay_route("card"))).text
        self.assertIn("paySmart3D", page)
        self.assertNotIn(f'action="{tx._trpay_route("card")}"', page)

    def test_what_platformode_does_not_keep_is_told(self):
        for answer in ({"status_code": 108, "status_description": "no"}, requests.ReadTimeout()):
            tx = self._started(tokenize=True)
            logger = mute_logger("odoo.addons.payment_trpay.controllers.card")
            with self._platformode(token=access(1), saveCard=answer), logger:
                page = self._post(tx)
            self.assertEqual(page.status_code, 200)
            self.assertIn('role="alert"', page.text)
            self.assertNotIn(CARD.number, page.text)
            self.assertEqual(tx.state, "draft")

    def test_a_card_that_is_none(self):
        tx = self._started(tokenize=True)
        for wrong in ({"card_number": "x"}, {"card_month": "13"}, {"plan": "99"}):
            with self._platformode(token=access(1)) as sent:
                self.assertEqual(self._post(tx, **wrong).status_code, 200)
            self.assertEqual(sent, [])

    def test_an_insurers_customer_types_no_more_than_the_agreement_wants(self):
        self.provider.write({"platformode_vpos_type": "insurance", "platformode_cvv_less": "1"})
        self.partner.vat = "10000000146"
        left_out = {"card_month": "", "card_year": "", "card_code": ""}
        answers = {"paySmart2D": {"status_code": 100}}
        for tokenize, state in ((True, "draft"), (False, "done")):
            tx = self._started("card_2d", 0, tokenize=tokenize)
            answers["checkstatus"] = self._status(tx)
            with self._platformode(token=access(0), **answers) as sent:
                page = self.url_open(self._build_url(tx._trpay_route("card"))).text
                self._post(tx, **left_out)
            (code,) = html.fromstring(page).xpath("//input[@id='o_card_code']")
            self.assertEqual("required" in code.attrib, tokenize)  # A card is kept with its date.
            self.assertEqual(tx.state, state)
        (body,) = (body for service, body in sent if service == "paySmart2D")
        self.assertEqual(
            (body["cc_no"], body["identity_number"]), ("411111******1111", "10000000146")
        )
        self.assertFalse({"cvv", "expiry_month", "expiry_year"} & body.keys())

    def test_an_agricultural_card_sends_the_terms_that_were_chosen(self):
        row = {"installments_number": 1, "amount_to_be_paid": "49.00"}
        terms = [{"maturity_period": 1, "payment_frequency": 1}]
        terms += [{"maturity_period": 6, "payment_frequency": 3}]
        answers = {"getpos": {"status_code": 100, "data": [row | each for each in terms]}}
        tx = self._started("card_3d", 2)
        plans = []
        self._answering(
            lambda env: plans.extend(tx.with_env(env)._trpay_describe_plans("400003")),
            token=access(2),
            **answers,
        )
        self.assertEqual([plan["fields"] for plan in plans], terms)
        self.assertNotEqual(plans[0]["label"], plans[1]["label"])
        tx = self._started("card_2d", 0)
        answers |= {"paySmart2D": {"status_code": 100}, "checkstatus": self._status(tx)}
        with self._platformode(token=access(0), **answers) as sent:
            self._post(tx, card_maturity="6", card_frequency="3")
        (body,) = (body for service, body in sent if service == "paySmart2D")
        self.assertEqual((body["maturity_period"], body["payment_frequency"]), ("6", "3"))

    def test_the_customer_chooses_3d_secure_or_not(self):
        tx = self._started("card_choice", 1)
        answers = {"paySmart2D": {"status_code": 100}, "checkstatus": self._status(tx)}
        with self._platformode(token=access(1), **answers) as sent:
            page = self.url_open(self._build_url(tx._trpay_route("card"))).text
            self.assertIn("/api/paySmart3D", page)
            self.assertEqual(self._post(tx).status_code, 404)  # No card comes here unasked.
            for flow, shown in (
                ("page", "card_3d"),
                ("card_2d", "card_2d"),
                ("card_2d", "card_2d"),
            ):
                self._switch(tx, flow)
                self.assertEqual(tx.trpay_refs["flow"], shown)
            self.assertEqual(self._where(self._post(tx)), "status")
        self.assertEqual(tx.state, "done")
        self.assertIn("paySmart2D", [service for service, _body in sent])

    def test_only_the_owner_gives_the_choice(self):
        for flow, is_3d in (("card_3d", 1), ("card_2d", 1)):
            tx = self._started(flow, is_3d)
            for wanted in ("card_2d", "card_3d"):
                self._switch(tx, wanted)
                self.assertEqual(tx.trpay_refs["flow"], flow)

    def test_what_was_sent_cannot_be_sent_in_another_way(self):
        tx = self._started("card_choice", 1)
        tx.trpay_refs = tx.trpay_refs | {"left": True}
        self._switch(tx, "card_2d")
        self.assertEqual(tx.trpay_refs["flow"], "card_3d")

    def test_an_old_form_in_another_tab_sends_nothing(self):
        tx = self._started("card_choice", 1)
        answers = {"paySmart2D": {"status_code": 100}, "checkstatus": self._status(tx)}
        with self._platformode(token=access(1), **answers) as sent:
            self._switch(tx, "card_2d")
            left = self.url_open(self._build_url(tx._trpay_route("left")), method="POST")
            self.assertEqual(left.status_code, 409)
            self.assertFalse(tx.trpay_refs.get("left"))
            tx.trpay_refs = tx.trpay_refs | {"left": True}  # As if it had been a moment earlier.
            self._post(tx)
        self.assertEqual(tx.state, "draft")
        self.assertNotIn("paySmart2D", [service for service, _body in sent])

    def test_the_choice_needs_an_agreement_that_covers_both(self):
        self.provider.trpay_flow = "card_choice"
        for is_3d, fits in ((1, True), (2, False), (0, False), (4, False)):
            installments = {"status_code": 100, "installments": [1]}
            self._test_connection(token=access(is_3d), installments=installments)
            message = self.provider.trpay_connection_message
            self.assertEqual("does not cover" not in message, fits)

    def _switch(self, tx, flow):
        self.env.flush_all()
        url = self._build_url(tx._trpay_route("flow"))
        self.url_open(url, data={"flow": flow}, allow_redirects=False)
        self.env.invalidate_all()

    def test_half_a_date_is_none(self):
        self.provider.write({"platformode_vpos_type": "insurance", "platformode_cvv_less": "1"})
        self.partner.vat = "10000000146"
        tx = self._started("card_2d", 0)
        with self._platformode(token=access(0)) as sent:
            self._post(tx, card_month="")
        self.assertEqual((tx.state, sent), ("draft", []))

    def test_who_lost_the_session_pays_nevertheless(self):
        tx = self._started("card_2d", 0)
        self.opener.cookies.clear()
        answers = {"paySmart2D": {"status_code": 100}, "checkstatus": self._status(tx)}
        with self._platformode(token=access(0), **answers):
            self.assertEqual(self._where(self._post(tx)), "status")
        self.assertEqual(tx.state, "done")

    def test_who_has_only_the_link_uses_no_kept_card(self):
        token = self._kept()
        tx = self._by_token(token)
        self.env.flush_all()
        for page in ("start", "card"):
            url = self._build_url(tx._trpay_route(page))
            self.assertEqual(self.url_open(url).status_code, 404, page)
        with self._platformode(token=access(0)) as sent:
            self.assertEqual(self._post(tx).status_code, 404)
        self.assertEqual((sent, tx.state), ([], "draft"))

    def test_a_colleague_uses_no_kept_card(self):
        company = self.env["res.partner"].create({"name": "Clinic", "is_company": True})
        (self.partner + self.portal_partner).parent_id = company
        tx = self._by_token(self._kept())
        self.authenticate(self.portal_user.login, self.portal_user.login)
        self.env.flush_all()
        for page in ("start", "card"):
            url = self._build_url(tx._trpay_route(page))
            self.assertEqual(self.url_open(url).status_code, 404, page)
        self.assertEqual(tx.state, "draft")

    def test_who_is_not_logged_in_saves_no_card(self):
        tx = self._pay(tokenize=True)
        self.env.flush_all()
        with self._platformode(token=access(1)):
            self.url_open(self._build_url(tx._trpay_route("start")))
        self.env.invalidate_all()
        self.assertFalse(tx.tokenize)

    def test_who_chooses_a_kept_card_goes_on_to_pay_with_it(self):
        self.partner = self.portal_partner
        self.authenticate(self.portal_user.login, self.portal_user.login)
        token = self._kept()
        values = self._prepare_transaction_values(None, token.id, "token")
        tx = self._get_tx(self._portal_transaction(**values)["reference"])
        self.assertEqual(tx.state, "draft")
        response = self.url_open(self._build_url("/payment/status"), allow_redirects=False)
        self.assertEqual(self._where(response), "start")
