from ast import literal_eval
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import Form, tagged
from odoo.tools import file_path, mute_logger

from odoo.addons.base.tests.common import new_test_user
from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import uninstall_hook
from ..models.payment_deposit import PaymentTransaction as DepositTransaction
from .common import PayTRCommon

IBAN = "TR330006100519786457841326"
IBAN_SHOWN = "TR33 0006 1005 1978 6457 8413 26"
WRONG_IBAN = "TR330006100519786457841362"  # Its last digits are swapped.
# A Tuesday afternoon in Istanbul.
NOW = fields.Datetime.to_datetime("2030-01-08 12:00:00")


class Booking:
    """What a document with a deposit looks like to its transaction."""

    display_name = "Check-up on Friday"

    def __init__(self, deadline, stage="held", balance=0):
        self.deposit_deadline = deadline
        self.deposit_stage = stage
        self.deposit_balance = balance
        self.messages = []

    def _deposit_subject(self):
        return self.display_name

    def _deposit_stretch(self):
        self.deposit_deadline += timedelta(hours=10)

    def message_post(self, body, **_kwargs):
        self.messages.append(body)


class TransferCommon(PayTRCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.env["res.lang"]._activate_lang("tr_TR")
        cls.env["ir.module.module"]._load_module_terms(["payment_trpay"], ["tr_TR"])
        cls.account = cls._create_account(IBAN)
        cls.provider = cls._prepare_provider(
            "custom",
            update_values={
                "is_published": True,
                "transfer_account_ids": [Command.set(cls.account.ids)],
            },
        )
        cls.payment_method = cls.env.ref("payment_custom.payment_method_wire_transfer")
        cls.payment_method.active = True
        cls.payment_method_id = cls.payment_method.id
        cls.payment_method_code = "wire_transfer"
        cls.amount = 1234.50
        cls.partner.write({"tz": "Europe/Istanbul", "lang": "en_US"})
        cls.turk = cls.partner.copy(
            {"name": "Ayşe", "lang": "tr_TR", "email": "ayse@example.com", "tz": "Europe/Istanbul"}
        )
        cls.desk = new_test_user(cls.env, "desk", groups="payment_trpay.group_desk")
        cls.provider.trpay_responsible_id = cls.desk

    @classmethod
    def _get_provider_domain(cls, code, **kwargs):
        domain = super()._get_provider_domain(code, **kwargs)
        return [*domain, ("custom_mode", "=", "wire_transfer")] if code == "custom" else domain

    @classmethod
    def _create_account(cls, number, **values):
        return cls.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "partner_id": cls.env.company.partner_id.id,
                "bank_id": cls.env["res.bank"].create({"name": "Ziraat Bankası"}).id,
                **values,
            }
        )

    def _choose_transfer(self, **values):
        """A transaction whose customer said that they will transfer the money."""
        tx = self._create_transaction("redirect", **{"reference": self._reference()} | values)
        tx._process("custom", {"reference": tx.reference})
        self.assertEqual(tx.state, "pending")
        return tx

    def _at_desk(self, tx, user=None):
        return tx.with_user(user or self.desk).sudo(False)

    def _receive(self, tx, amount=None, user=None):
        """Press the button, and the one of the dialog that it opens."""
        action = self._at_desk(tx, user).action_transfer_received()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(user or self.desk)
            .with_context(**action["context"])
        )
        if amount is not None:
            wizard.amount = amount
        wizard.save().action_confirm()

    def _order(self, amount=1234.50, **values):
        prepaid = {"require_payment": True, "prepayment_percent": 1.0}
        return super()._order(amount, **prepaid, **values)

    def _run_cron(self, **later):
        """Let time pass, and the cron run. Returns the mails that this sends."""
        self.env.flush_all()
        before = self.env["mail.mail"].sudo().search([])
        with (
            freeze_time(NOW + timedelta(**later)),
            self.enter_registry_test_mode(),
            self.env.registry.cursor() as cr,
        ):
            self.env(cr=cr)["payment.transaction"]._cron_transfers()
        self.env.invalidate_all()
        return self.env["mail.mail"].sudo().search([]) - before

    @contextmanager
    def _booked(self, booking):
        with patch.object(DepositTransaction, "_deposit_document", lambda tx: booking):
            yield booking


@tagged("post_install", "-at_install")
class TestTransferSettings(TransferCommon):
    def test_a_wrong_iban_is_named(self):
        wrong = self._create_account(WRONG_IBAN)
        with self.assertRaisesRegex(ValidationError, WRONG_IBAN):
            self.provider.transfer_account_ids += wrong

    def test_an_iban_that_becomes_wrong_is_refused_too(self):
        with self.assertRaisesRegex(ValidationError, WRONG_IBAN):
            self.account.acc_number = WRONG_IBAN

    def test_what_is_no_iban(self):
        for number in ("123456", "TR33000610051978645784132", IBAN + "0", "TRAA" + IBAN[4:]):
            wrong = self._create_account(number)
            with self.subTest(number), self.assertRaises(ValidationError):
                self.provider.transfer_account_ids += wrong

    def test_however_it_is_written(self):
        for number in ("TR32 0010 0099 9990 1234 5678 90", "de89 3704 0044 0532 0130 00"):
            self.provider.transfer_account_ids += self._create_account(number)

    def test_core_s_pages_name_the_chosen_accounts_in_each_language(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        self.provider.transfer_account_ids = self.account
        self.assertIn(IBAN_SHOWN, self.provider.pending_msg)
        self.assertIn("Please transfer", self.provider.pending_msg)
        turkish = self.provider.with_context(lang="tr_TR")
        self.assertIn("gönderin", turkish.pending_msg)
        self.account.acc_number = "DE89370400440532013000"
        self.assertIn("DE89 3704 0044 0532 0130 00", turkish.pending_msg)
        self.assertNotIn("TR33", self.provider.pending_msg)

    def test_an_account_of_somebody_else_is_named(self):
        other = self._create_account(IBAN, partner_id=self.partner.id)
        with self.assertRaisesRegex(ValidationError, "not one of"):
            self.provider.transfer_account_ids = other

    def test_an_account_that_no_provider_shows_may_have_any_number(self):
        self.provider.transfer_account_ids = False
        self.account.acc_number = WRONG_IBAN

    def test_only_the_accounts_that_take_the_currency_are_shown(self):
        lira = self._create_account("TR320010009999901234567890", currency_id=self.lira.id)
        euro = self._create_account("DE89370400440532013000", currency_id=self.currency_euro.id)
        self.provider.transfer_account_ids += lira + euro
        tx = self._choose_transfer()
        self.assertEqual(tx._transfer_accounts(), self.account + lira)

    def test_an_archived_account_is_not_shown(self):
        self.account.active = False
        self.assertFalse(self._choose_transfer()._transfer_accounts())

    def test_the_form(self):
        with Form(self.provider) as form:
            form.transfer_hours = 72
            form.transfer_reminder_hours = 0
        self.assertEqual(self.provider.transfer_hours, 72)


@tagged("post_install", "-at_install")
class TestTransferWaiting(TransferCommon):
    def test_the_deadline_is_the_provider_s(self):
        self.provider.transfer_hours = 30
        self.assertEqual(self._choose_transfer().transfer_deadline, NOW + timedelta(hours=30))

    def test_a_second_click_does_not_move_it(self):
        tx = self._choose_transfer()
        with freeze_time(NOW + timedelta(hours=5)):
            tx._process("custom", {"reference": tx.reference})
        self.assertEqual(tx.transfer_deadline, NOW + timedelta(hours=48))

    def test_what_is_booked_is_held_until_the_deadline(self):
        with self._booked(Booking(NOW + timedelta(minutes=15))) as booking:
            tx = self._choose_transfer()
        self.assertEqual(tx.transfer_deadline, NOW + timedelta(hours=10, minutes=15))
        self.assertEqual(tx.transfer_deadline, booking.deposit_deadline)

    def test_what_is_confirmed_has_no_deadline_of_its_own(self):
        booking = Booking(deadline=False, stage="confirmed", balance=700)
        with self._booked(booking), patch.object(Booking, "_deposit_stretch"):
            tx = self._choose_transfer()
        self.assertEqual(tx.transfer_deadline, NOW + timedelta(hours=48))

    def test_other_payments_have_no_deadline(self):
        provider = self.env.ref("payment_trpay.payment_provider_paytr")
        tx = self._pay(provider_id=provider.id, payment_method_id=self.card.id)
        tx._set_pending()
        self.assertFalse(tx.transfer_deadline)

    # === REMINDER === #

    def test_a_reminder_in_time_and_once(self):
        tx = self._choose_transfer()
        self.assertFalse(self._run_cron(hours=23))
        mail = self._run_cron(hours=24, minutes=1)
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertEqual(tx.transfer_reminded, NOW + timedelta(hours=24, minutes=1))
        for hours in (25, 47):
            self.assertFalse(self._run_cron(hours=hours))
        self.assertEqual(tx.state, "pending")

    def test_it_has_all_that_the_customer_needs(self):
        tx = self._choose_transfer()
        mail = self._run_cron(hours=30)
        text = html.fromstring(mail.body_html).text_content()
        for fact in (IBAN_SHOWN, "Ziraat Bankası", "1,234.50", tx.reference, "January 10", "3:00"):
            self.assertIn(fact, text.replace("\N{NO-BREAK SPACE}", " "))
        self.assertIn(self.env.company.name, mail.subject)

    def test_it_is_in_the_customer_s_language(self):
        self._choose_transfer(partner_id=self.turk.id)
        mail = self._run_cron(hours=30)
        text = html.fromstring(mail.body_html).text_content()
        for fact in (IBAN_SHOWN, "1.234,50", "10 Ocak", "15:00", "açıklama"):
            self.assertIn(fact, text)
        self.assertIn("havale", mail.subject.lower())
        for word in ("Reference", "transfer", "Hello", "Please"):
            self.assertNotIn(word, text)

    def test_no_reminder_if_the_owner_wants_none(self):
        self.provider.transfer_reminder_hours = 0
        self._choose_transfer()
        self.assertFalse(self._run_cron(hours=47))

    def test_no_reminder_if_there_was_no_time_for_it(self):
        tx = self._choose_transfer()
        tx.transfer_deadline = NOW + timedelta(hours=5)
        self.assertFalse(self._run_cron(hours=1))
        self.assertFalse(tx.transfer_reminded)

    def test_no_reminder_without_an_address(self):
        self._choose_transfer(partner_id=self.partner.copy({"email": False}).id)
        self.assertFalse(self._run_cron(hours=30))

    def test_no_reminder_of_what_was_received_or_given_up(self):
        self._receive(self._choose_transfer())
        self._at_desk(self._choose_transfer()).action_transfer_not_received()
        self.assertFalse(self._run_cron(hours=30))

    def test_no_reminder_if_the_order_was_canceled(self):
        order = self._order()
        self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        order._action_cancel()
        self.assertFalse(self._run_cron(hours=30))

    def test_no_reminder_if_the_order_was_paid_in_another_way_since(self):
        order = self._order()
        link = {"sale_order_ids": [Command.set(order.ids)]}
        self._choose_transfer(**link)
        self._create_transaction("direct", reference=self._reference(), **link)._set_done()
        self.assertFalse(self._run_cron(hours=30))

    def test_a_reminder_of_the_balance_after_the_deposit_was_paid(self):
        order = self._order(2469)
        link = {"sale_order_ids": [Command.set(order.ids)]}
        self._create_transaction("direct", reference=self._reference(), **link)._set_done()
        self._choose_transfer(**link)
        self.assertTrue(self._run_cron(hours=30))

    def test_whether_a_booking_is_still_to_be_paid(self):
        expected = {
            ("held", "deposit", 1000): True,
            ("held", "full", 1000): True,
            ("confirmed", "deposit", 700): False,
            ("confirmed", "full", 700): False,
            ("confirmed", "balance", 700): True,
            ("confirmed", "balance", 0): False,
            ("no_show", "no_show", 500): True,
            ("released", "deposit", 0): False,
            ("canceled", "balance", 0): False,
        }
        for (stage, purpose, balance), wanted in expected.items():
            tx = self._choose_transfer(deposit_purpose=purpose)
            with (
                self.subTest(stage=stage, purpose=purpose, balance=balance),
                self._booked(Booking(NOW, stage, balance)),
            ):
                self.assertEqual(tx._transfer_is_wanted(), wanted)

    # === OVERDUE === #

    def test_staff_are_asked_once_and_nothing_is_canceled(self):
        tx = self._choose_transfer()
        self._run_cron(hours=47)
        self.assertFalse(tx.trpay_activity_id)
        self._run_cron(hours=48, minutes=1)
        activity = tx.trpay_activity_id
        self.assertEqual(activity.user_id, self.desk)
        self.assertIn("1,234.50", activity.note)
        self.assertIn(self.partner.name, activity.note)
        note = activity.note
        self._run_cron(hours=60)
        activity.action_feedback()
        self._run_cron(hours=90)
        self.assertEqual(tx.trpay_activity_id, activity)
        self.assertEqual((activity.note, activity.active), (note, False))
        self.assertEqual(tx.state, "pending")

    def test_staff_are_asked_in_their_language(self):
        self.desk.lang = "tr_TR"
        tx = self._choose_transfer()
        self._run_cron(hours=49)
        self.assertIn("1.234,50", tx.trpay_activity_id.note)
        self.assertNotIn("Received", tx.trpay_activity_id.note)

    def test_one_that_fails_does_not_keep_the_others(self):
        self._choose_transfer()
        other = self._choose_transfer()
        failing = patch.object(
            type(other), "_trpay_alert", autospec=True, side_effect=[ValueError, None]
        )
        with failing, self.assertLogs("odoo.addons.payment_trpay", "ERROR"):
            self._run_cron(hours=49)
        answered = self.env["payment.transaction"].search([("transfer_alerted", "!=", False)])
        self.assertEqual(len(answered), 1)

    def test_the_desk_was_quicker_than_the_cron(self):
        tx = self._choose_transfer()
        self.assertTrue(tx._transfer_take())
        self.env.flush_all()
        self.env.cr.execute("UPDATE payment_transaction SET state = 'done' WHERE id = %s", [tx.id])
        tx._transfer_ask_staff()
        self.assertFalse(tx.trpay_activity_id)


@tagged("post_install", "-at_install")
class TestTransferDesk(TransferCommon):
    # === RECEIVED === #

    def test_received(self):
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        with self._woken() as woken:
            self._receive(tx)
        self.assertEqual((tx.state, tx.amount), ("done", 1234.50))
        self.assertFalse(tx.state_message)
        self.assertEqual(woken, ["payment.cron_post_process_payment_tx"])
        tx._post_process()
        self.assertEqual(order.state, "sale")

    def test_the_order_s_log_says_who_received_it(self):
        order = self._order()
        self._receive(self._choose_transfer(sale_order_ids=[Command.set(order.ids)]))
        message = order.message_ids[0]
        self.assertIn("was received", message.body)
        self.assertEqual(message.author_id, self.desk.partner_id)

    def test_too_little_confirms_nothing_and_both_amounts_are_logged(self):
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        self._receive(tx, 1000)
        tx._post_process()
        self.assertEqual((tx.state, tx.amount), ("done", 1000))
        self.assertNotEqual(order.state, "sale")
        for text in (tx.state_message, order.message_ids.filtered("body").mapped("body")):
            self.assertIn("1,000.00", str(text))
            self.assertIn("1,234.50", str(text))

    def test_the_rest_completes_the_order(self):
        order = self._order()
        link = {"sale_order_ids": [Command.set(order.ids)]}
        for amount in (1000, 234.50):
            tx = self._choose_transfer(**link)
            self.assertNotEqual(order.state, "sale")
            self._receive(tx, amount)
            order.invalidate_recordset(["amount_paid"])
            tx._post_process()
        self.assertEqual(order.state, "sale")

    def test_too_much_is_a_person_s_to_decide(self):
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        self._receive(tx, 2000)
        tx._post_process()
        self.assertEqual((tx.amount, order.state), (2000, "sale"))
        self.assertIn("more than once", tx.trpay_activity_id.note)

    def test_a_hundredth_of_a_kurus_is_no_other_amount(self):
        tx = self._choose_transfer()
        self._receive(tx, 1234.5000001)
        self.assertFalse(tx.state_message)

    def test_the_customer_reads_of_the_other_amount_in_their_language(self):
        with self._booked(Booking(NOW)) as booking:
            tx = self._choose_transfer(partner_id=self.turk.id)
            self._receive(tx, 1000)
        self.assertIn("1.234,50", tx.state_message)
        self.assertNotIn("arrived", tx.state_message)
        self.assertIn("1,000.00", booking.messages[-1])
        self.assertIn("arrived instead of", booking.messages[-1])

    def test_nothing_is_not_received(self):
        for amount in (0, -5, 0.001):
            tx = self._choose_transfer()
            with self.subTest(amount), self.assertRaises(UserError):
                self._receive(tx, amount)
            self.assertEqual((tx.state, tx.amount), ("pending", 1234.50))

    def test_twice(self):
        tx = self._choose_transfer()
        self._receive(tx)
        changed = tx.last_state_change
        with self.assertRaisesRegex(UserError, tx.reference):
            self._receive(tx, 5)
        self.assertEqual((tx.amount, tx.last_state_change), (1234.50, changed))

    def test_the_to_do_is_done(self):
        tx = self._choose_transfer()
        self._run_cron(hours=49)
        activity = tx.trpay_activity_id
        self._receive(tx)
        self.assertFalse(activity.active)
        self.assertFalse(tx.trpay_activity_id)

    def test_even_if_somebody_ticked_it_off_before(self):
        tx = self._choose_transfer()
        self._run_cron(hours=49)
        tx.trpay_activity_id.action_feedback()
        self._receive(tx)
        self.assertEqual(tx.state, "done")

    # === NOT RECEIVED === #

    def test_not_received(self):
        for partner, word in ((self.partner, "not received"), (self.turk, "ulaşmadı")):
            tx = self._choose_transfer(partner_id=partner.id)
            with self._woken() as woken:
                self._at_desk(tx).action_transfer_not_received()
            self.assertEqual(tx.state, "cancel")
            self.assertIn(word, tx.state_message)
            self.assertEqual(woken, ["payment.cron_post_process_payment_tx"])

    def test_not_received_is_logged(self):
        with self._booked(Booking(NOW)) as booking:
            self._at_desk(self._choose_transfer()).action_transfer_not_received()
        self.assertIn("1,234.50", booking.messages[-1])
        self.assertIn("was not received", booking.messages[-1])

    def test_not_received_twice(self):
        tx = self._choose_transfer()
        self._at_desk(tx).action_transfer_not_received()
        with self.assertRaises(UserError):
            self._at_desk(tx).action_transfer_not_received()

    def test_what_was_received_cannot_be_denied(self):
        tx = self._choose_transfer()
        self._receive(tx)
        with self.assertRaises(UserError):
            self._at_desk(tx).action_transfer_not_received()
        self.assertEqual(tx.state, "done")

    def test_money_that_comes_after_all(self):
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        self._at_desk(tx).action_transfer_not_received()
        tx._post_process()
        self._receive(tx)
        self.assertEqual(tx.state, "done")
        self.assertFalse(tx.state_message)
        tx._post_process()
        self.assertEqual(order.state, "sale")

    def test_money_that_comes_after_an_error(self):
        tx = self._choose_transfer()
        tx._set_error("why")
        self._receive(tx)
        self.assertEqual(tx.state, "done")

    def test_money_for_an_order_that_was_canceled_is_told(self):
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        order._action_cancel()
        self._receive(tx)
        tx._post_process()
        self.assertIn("canceled", tx.trpay_activity_id.note)

    # === OTHER PAYMENTS === #

    def test_no_other_payment_is_received_by_hand(self):
        provider = self.env.ref("payment_trpay.payment_provider_paytr")
        tx = self._pay(provider_id=provider.id, payment_method_id=self.card.id)
        tx._set_pending()
        for act in (self._receive, lambda tx: self._at_desk(tx).action_transfer_not_received()):
            with self.assertRaises(UserError):
                act(tx)
        self.assertEqual(tx.state, "pending")

    def test_nor_one_whose_customer_did_not_choose_it(self):
        tx = self._create_transaction("redirect", reference=self._reference())
        with self.assertRaises(UserError):
            self._receive(tx)

    # === WHO MAY === #

    def test_plain_users_may_not(self):
        tx = self._choose_transfer()
        receipt = {"transaction_id": tx.id, "amount": 1}
        with self.assertRaises(AccessError):
            self.env["transfer.receipt.wizard"].with_user(self.internal_user).create(receipt)
        for user in (self.internal_user, self.portal_user, self.public_user):
            with self.assertRaises(AccessError):
                self._at_desk(tx, user)._transfer_receive(1)
            with self.assertRaises(AccessError):
                self._at_desk(tx, user).action_transfer_not_received()
        self.assertEqual(tx.state, "pending")

    def test_the_desk_reads_and_writes_nothing(self):
        tx = self._at_desk(self._choose_transfer())
        self.assertEqual(tx.read(["reference", "state"])[0]["state"], "pending")
        for act in (
            lambda: tx.write({"state": "done"}),
            tx.copy,
            tx.unlink,
            tx.action_trpay_accept,
            lambda: tx.provider_id.read(["name"]),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_administrators_are_at_the_desk(self):
        admin = new_test_user(self.env, "boss", groups="base.group_system")
        tx = self._choose_transfer()
        self._receive(tx, user=admin)
        self.assertEqual(tx.state, "done")

    def test_not_for_another_company(self):
        company = self.env["res.company"].create({"name": "Other Clinic"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="payment_trpay.group_desk",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        tx = self._choose_transfer()
        self.assertNotIn(tx, self.env["payment.transaction"].with_user(stranger).search([]))
        for act in (
            lambda: self._at_desk(tx, stranger)._transfer_receive(1),
            lambda: self._at_desk(tx, stranger).action_transfer_not_received(),
        ):
            with self.assertRaises(AccessError):
                act()
        self.assertEqual(tx.state, "pending")

    def test_the_addon_stays_while_a_transfer_or_a_refund_waits_for_the_desk(self):
        waiting, received = self._choose_transfer(), self._choose_transfer()
        self._receive(received)
        refund = received._refund_by_hand(10)
        with self.assertRaises(UserError) as refused:
            uninstall_hook(self.env)
        for tx in (waiting, refund):
            self.assertIn(f"{tx.reference}: ", str(refused.exception))
        self.assertNotIn(f"\n{received.reference}: ", str(refused.exception))

    def test_a_receipt_is_its_author_s_only(self):
        other = new_test_user(self.env, "colleague", groups="payment_trpay.group_desk")
        tx = self._choose_transfer()
        receipt = (
            self.env["transfer.receipt.wizard"]
            .with_user(self.desk)
            .create({"transaction_id": tx.id, "amount": 1})
        )
        with self.assertRaises(AccessError):
            receipt.with_user(other).amount = 5

    # === THE LIST === #

    def _list(self, user):
        action = self.env.ref("payment_trpay.action_transfers_waiting")
        model = self.env["payment.transaction"].with_user(user)
        view = model.get_views([*action.views, (False, "search")])
        names = view["models"]["payment.transaction"]["fields"]
        columns = html.fromstring(view["views"]["list"]["arch"]).xpath("//field/@name")
        domain = literal_eval(action.domain)
        for kind in ("list", "kanban"):  # The second one on a phone.
            own = self.env.ref(f"payment_trpay.payment_transfer_{kind}")
            self.assertEqual(view["views"][kind]["id"], own.id)
            self.assertIn("action_transfer_received", view["views"][kind]["arch"])
        return model.web_search_read(domain, {name: {} for name in columns if name in names})

    def test_the_desk_sees_what_is_waited_for(self):
        order = self._order()
        waiting = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        self._receive(self._choose_transfer())
        provider = self.env.ref("payment_trpay.payment_provider_paytr")
        self._pay(provider_id=provider.id, payment_method_id=self.card.id)._set_pending()
        rows = self._list(self.desk)["records"]
        (row,) = [row for row in rows if row["partner_id"] == self.partner.id]
        self.assertEqual(row["id"], waiting.id)
        self.assertEqual(row["transfer_subject"], order.display_name)
        self.assertEqual(row["transfer_reference"], order.name)

    def test_what_is_booked_is_named(self):
        tx = self._choose_transfer()
        with self._booked(Booking(NOW)) as booking:
            self.assertEqual(self._at_desk(tx).transfer_subject, booking.display_name)

    def test_the_desk_opens_the_form_with_its_buttons(self):
        tx = self._choose_transfer()
        form = self.env["payment.transaction"].with_user(self.desk).get_views([(False, "form")])
        self.assertIn("action_transfer_received", form["views"]["form"]["arch"])
        names = form["models"]["payment.transaction"]["fields"]
        (values,) = self._at_desk(tx).web_read({name: {} for name in names})
        self.assertEqual(values["state"], "pending")

    def test_accountants_who_are_not_at_the_desk_see_no_buttons(self):
        if not self.account_payment_installed:
            self.skipTest("no accounting")
        user = new_test_user(self.env, "accountant", groups="account.group_account_invoice")
        form = self.env["payment.transaction"].with_user(user).get_views([(False, "form")])
        self.assertNotIn("action_transfer_received", form["views"]["form"]["arch"])
        self._at_desk(self._choose_transfer(), user).web_read(
            {name: {} for name in form["models"]["payment.transaction"]["fields"]}
        )

    def test_the_menu(self):
        expected = {
            "payment_trpay.menu_payments_root": ("desk", "boss"),
            "payment_trpay.menu_transfers_waiting": ("desk", "boss"),
            "payment_trpay.menu_all_payments": ("desk", "boss"),
            "payment_trpay.menu_to_decide": ("boss",),
            "payment_trpay.menu_deposit_policies": ("desk", "boss"),
            "payment_trpay.menu_notifications": ("boss",),
        }
        users = {
            "desk": self.desk,
            "boss": new_test_user(self.env, "boss", groups="base.group_system"),
            "nobody": self.internal_user,
        }
        for name, user in users.items():
            seen = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            for xmlid, who in expected.items():
                with self.subTest(menu=xmlid, user=name):
                    self.assertEqual(self.env.ref(xmlid).id in seen, name in who)


class TransferBooksCommon(TransferCommon):
    """With the accounting, for once without core's patch that leaves it out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False

    def setUp(self):
        if not self.account_payment_installed:
            self.skipTest("no accounting")
        super().setUp()

    def _create_journal(self, **values):
        return self.env["account.journal"].create({"name": "Bank", "type": "bank", **values})

    def _invoice(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "currency_id": self.lira.id,
                "invoice_line_ids": [
                    Command.create({"name": "Whitening", "price_unit": 1234.50, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        return invoice


@tagged("post_install", "-at_install")
class TestTransferBooks(TransferBooksCommon):
    """What the accounting makes of it."""

    def _pay_invoice(self, invoice, amount=None):
        tx = self._choose_transfer(invoice_ids=[Command.set(invoice.ids)])
        self._receive(tx, amount)
        tx._post_process()
        return tx

    def test_an_invoice_is_paid(self):
        invoice = self._invoice()
        payment = self._pay_invoice(invoice).payment_id
        self.assertEqual((payment.amount, payment.currency_id), (1234.50, self.lira))
        self.assertEqual(invoice.amount_residual, 0)

    def test_no_more_of_it_than_what_arrived(self):
        invoice = self._invoice()
        tx = self._pay_invoice(invoice, 1000)
        self.assertEqual(tx.payment_id.amount, 1000)
        self.assertAlmostEqual(invoice.amount_residual, 234.50)

    def test_it_is_booked_where_the_money_is(self):
        journal = self._create_journal(bank_account_id=self.account.id, code="TRB")
        self._create_journal(code="TRC")
        self.assertEqual(self._pay_invoice(self._invoice()).payment_id.journal_id, journal)

    def test_an_order_is_confirmed_and_paid(self):
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        self._receive(tx)
        tx._post_process()
        self.assertEqual((order.state, tx.payment_id.amount), ("sale", 1234.50))

    def test_an_order_is_confirmed_even_where_no_bank_is_in_the_books(self):
        self.env["account.journal"].search([("type", "=", "bank")]).active = False
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        self._receive(tx)
        tx._post_process()
        self.assertEqual(order.state, "sale")
        self.assertFalse(tx.payment_id)

    def test_given_up_and_received_after_all(self):
        invoice = self._invoice()
        tx = self._choose_transfer(invoice_ids=[Command.set(invoice.ids)])
        self._at_desk(tx).action_transfer_not_received()
        tx._post_process()
        self.assertFalse(tx.payment_id)
        self._receive(tx)
        tx._post_process()
        self.assertEqual(invoice.amount_residual, 0)


@tagged("post_install", "-at_install")
class TestPaidInAnotherWay(TransferBooksCommon):
    """Nobody need send what is settled already, and nobody is asked about it."""

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice()
        self.tx = self._choose_transfer(invoice_ids=[Command.set(self.invoice.ids)])

    def _register_payment(self, invoice, **values):
        """Staff note that the customer paid, in cash or however."""
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        wizard = self.env["account.payment.register"].with_context(**context).create(values)
        return wizard._create_payments()

    def _reconcile_statement(self, invoice):
        """The money is on a line of the bank's statement, which is matched with the invoice."""
        journal = self._create_journal(code="TRS", currency_id=self.lira.id)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "payment_ref": "cash in",
                "amount": invoice.amount_residual,
                "partner_id": invoice.partner_id.id,
            }
        )
        receivables = invoice.line_ids.filtered(lambda one: one.amount_residual)
        line.move_id.button_draft()
        suspense = line._seek_for_lines()[1]
        suspense.account_id = receivables.account_id
        line.move_id.action_post()
        (suspense + receivables).reconcile()

    def _assert_closed(self, tx, why, *documents):
        self.assertFalse(self._run_cron(hours=30), "no reminder")
        self.assertFalse(self._run_cron(hours=49))
        self.assertEqual(tx.state, "cancel")
        self.assertFalse(tx.trpay_activity_id, "no to-do")
        for document in documents:
            notes = document.message_ids.filtered(lambda note: tx.reference in (note.body or ""))
            self.assertIn(why, notes[:1].body)

    def test_registered_by_hand(self):
        self._register_payment(self.invoice)
        self._assert_closed(self.tx, "is paid", self.invoice)
        self.assertIn("paid already", self.tx.state_message)

    def test_found_on_the_statement_of_the_bank(self):
        self._reconcile_statement(self.invoice)
        self.assertEqual(self.invoice.payment_state, "paid")
        self._assert_closed(self.tx, "is paid", self.invoice)

    def test_credited(self):
        self.invoice._reverse_moves(cancel=True)
        self._assert_closed(self.tx, "was credited", self.invoice)

    def test_canceled(self):
        self.invoice.button_draft()
        self._run_cron(minutes=10)
        self.assertEqual(self.tx.state, "pending", "staff may only want to correct it")
        self.invoice.button_cancel()
        self._assert_closed(self.tx, "was canceled", self.invoice)

    def test_an_order_whose_invoice_is_paid(self):
        self._at_desk(self.tx).action_transfer_not_received()
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        order.action_confirm()
        order.order_line.product_id.invoice_policy = "order"
        invoice = order._create_invoices()
        invoice.action_post()
        self._run_cron(minutes=10)
        self.assertEqual(tx.state, "pending")
        self._register_payment(invoice)
        self._assert_closed(tx, "is paid", order)

    def test_the_to_do_that_exists_is_done(self):
        self._run_cron(hours=49)
        activity = self.tx.trpay_activity_id
        self._register_payment(self.invoice)
        self._run_cron(hours=50)
        self.assertEqual((self.tx.state, activity.active), ("cancel", False))
        self.assertIn("in another way", activity.feedback)
        self.assertFalse(self.tx.trpay_activity_id)

    def test_a_part_of_it(self):
        self._register_payment(self.invoice, amount=1000)
        self.assertEqual(self.tx._transfer_amount_to_copy(), "234.50")
        mail = self._run_cron(hours=30)
        self.assertIn("234.50", mail.body_html)
        self.assertNotIn("1,234.50", mail.body_html)
        self._run_cron(hours=49)
        self.assertEqual(self.tx.state, "pending")
        self.assertTrue(self.tx.trpay_activity_id)

    def test_a_reminder_that_was_there_before_asks_for_the_rest_too(self):
        template = self.env.ref("payment_trpay.mail_template_transfer_reminder")
        for lang in ("en_US", "tr_TR"):
            said = template.with_context(lang=lang)
            said.body_html = said.body_html.replace("object._transfer_due()", "object.amount")
        self.env.flush_all()
        path = file_path("payment_trpay/migrations/19.0.1.4.0/post-name_what_is_due.py")
        load_script(path, "name_what_is_due").migrate(self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()
        self._register_payment(self.invoice, amount=1000)
        self.assertNotIn("1,234.50", self._run_cron(hours=30).body_html)

    def test_paid_by_card_closes_it_at_once(self):
        link = {"invoice_ids": [Command.set(self.invoice.ids)]}
        with self._woken() as woken:
            card = self._create_transaction("direct", reference=self._reference(), **link)
            card._set_done()
            card._post_process()
        self.assertIn("payment_trpay.cron_transfers", woken)
        self._assert_closed(self.tx, "is paid", self.invoice)

    def test_what_comes_all_the_same_is_told(self):
        self._register_payment(self.invoice)
        self._run_cron(minutes=10)
        self._receive(self.tx)
        self.tx._post_process()
        self.assertEqual(self.tx.state, "done")
        self.assertIn("paid more than once", self.tx.trpay_activity_id.note)


@tagged("post_install", "-at_install")
class TestTransferPage(TransferCommon, PaymentHttpCommon):
    def _pay_on_site(self, partner=None, lang="en_US"):
        """Choose the transfer as a customer does, and return what the status page says."""
        self.partner = partner or self.partner
        if "website" in self.env:
            website = self.env["website"].search([], limit=1)
            website.language_ids |= self.env["res.lang"].search([("code", "=", "tr_TR")])
        self.env.flush_all()
        self.opener.cookies["frontend_lang"] = lang
        values = self._prepare_transaction_values(self.payment_method_id, None, "redirect")
        values.update(tokenization_requested=False, landing_route="/my")
        form = self._extract_values_from_html_form(
            self._portal_transaction(**values)["redirect_form_html"]
        )
        response = self._make_http_post_request(self._build_url(form["action"]), form["inputs"])
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.url.endswith("/payment/status"), response.url)
        tx = self._get_tx(form["inputs"]["reference"])
        tx.invalidate_recordset()
        self.assertEqual(tx.state, "pending")
        return tx, html.fromstring(response.content)

    def _status(self):
        return html.fromstring(self.url_open("/payment/status").content)

    def _text(self, page):
        (element,) = page.find_class("o_trpay_transfer")
        return " ".join(element.text_content().split())

    def test_all_that_a_transfer_needs(self):
        tx, page = self._pay_on_site()
        text = self._text(page)
        deadline = "Thursday, January 10, 2030, 3:00"
        for fact in (IBAN_SHOWN, "Ziraat Bankası", self.account.acc_holder_name, deadline):
            self.assertIn(fact, text)
        self.assertIn("1,234.50", text)
        self.assertEqual(
            [button.get("data-text") for button in page.find_class("o_trpay_copy")],
            [IBAN, "1234.50", tx.reference],
        )

    def test_in_turkish(self):
        tx, page = self._pay_on_site(partner=self.turk, lang="tr_TR")
        text = self._text(page)
        for fact in (IBAN_SHOWN, "10 Ocak 2030 Perşembe, 15:00", "1.234,50", "Kopyala", "açıklama"):
            self.assertIn(fact, text)
        for word in ("Copy", "transfer ", "Reference", "Amount", "Please"):
            self.assertNotIn(word, text)
        self.assertEqual(
            [button.get("data-text") for button in page.find_class("o_trpay_copy")],
            [IBAN, "1234,50", tx.reference],
        )

    def test_the_reference_is_the_order_s_from_the_first_moment(self):
        order = self._order()
        tx = self._choose_transfer(sale_order_ids=[Command.set(order.ids)])
        before = tx.transfer_reference
        tx._post_process()
        tx.invalidate_recordset(["transfer_reference"])
        self.assertEqual((before, tx.transfer_reference), (order.name, order.name))

    def test_what_a_transfer_needs_is_mailed_at_once(self):
        before = self.env["mail.mail"].sudo().search([])
        tx, _page = self._pay_on_site()
        (mail,) = self.env["mail.mail"].sudo().search([]) - before
        for text in (IBAN_SHOWN, tx.transfer_reference, tx.currency_id.format(tx.amount)):
            self.assertIn(text, mail.body_html)

    def test_a_broken_mail_template_keeps_nobody_from_transferring(self):
        self.env.ref("payment_trpay.mail_template_transfer_instructions").unlink()
        with mute_logger("odoo.addons.payment_trpay.models.attempt"):
            tx, _page = self._pay_on_site()
        self.assertEqual(tx.state, "pending")

    def test_nothing_is_said_twice(self):
        self.provider.pending_msg = "<p>Core's own words</p>"
        tx, page = self._pay_on_site()
        text = page.get_element_by_id("o_payment_status_message").text_content()
        self.assertNotIn("Core's own words", text)
        self.assertNotIn("Communication", text)
        self.assertEqual(text.count(tx.reference), 1)

    def test_the_pending_message_if_there_are_no_accounts(self):
        self.provider.write({"transfer_account_ids": False, "pending_msg": "<p>Ask us</p>"})
        _tx, page = self._pay_on_site()
        self.assertIn("Ask us", self._text(page))

    def test_several_accounts(self):
        self.provider.transfer_account_ids += self._create_account("TR320010009999901234567890")
        _tx, page = self._pay_on_site()
        texts = [button.get("data-text") for button in page.find_class("o_trpay_copy")]
        self.assertEqual(texts[:2], [IBAN, "TR320010009999901234567890"])

    def test_the_confirmation_page_has_it_too(self):
        tx, _page = self._pay_on_site()
        token = self._generate_test_access_token(tx.partner_id.id, tx.amount, tx.currency_id.id)
        url = f"/payment/confirmation?tx_id={tx.id}&access_token={token}"
        response = self.url_open(url)
        self.assertIn(IBAN_SHOWN, self._text(html.fromstring(response.content)))

    def test_what_was_decided_replaces_it(self):
        tx, _page = self._pay_on_site()
        self._at_desk(tx).action_transfer_not_received()
        self.env.flush_all()
        page = self._status()
        self.assertFalse(page.find_class("o_trpay_transfer"))
        self.assertIn("not received your bank transfer", page.text_content())
        self._receive(tx, 1000)
        self.env.flush_all()
        page = self._status()
        self.assertFalse(page.find_class("o_trpay_transfer"))
        self.assertIn("1,000.00", page.text_content())

    def test_the_pages_of_other_providers_are_as_they_were(self):
        provider = self.env.ref("payment_trpay.payment_provider_paytr")
        self.provider, self.payment_method_id = provider, self.card.id
        tx = self._pay()
        tx._set_pending()
        rendered = self.env["ir.qweb"]._render("payment.state_header", {"tx": tx})
        self.assertNotIn("o_trpay_transfer", rendered)

    def test_the_deadline_is_by_the_clock_of_customer_or_company(self):
        tx, _page = self._pay_on_site()
        for customer, company, hour in (
            ("Europe/Berlin", "Europe/Istanbul", "1:00"),
            (False, "Europe/Berlin", "1:00"),
            (False, False, "3:00"),
        ):
            tx.partner_id.tz, tx.company_id.partner_id.tz = customer, company
            self.assertIn(hour, tx._transfer_describe_deadline())
