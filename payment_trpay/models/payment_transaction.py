"""Payments through our gateways: how they start, how they become true, how money goes back."""

import logging
import re
import secrets
import string
from datetime import timedelta

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import (
    Checkout,
    Embed,
    GatewayError,
    Money,
    Order,
    Reason,
    Refund,
    Refused,
    State,
)
from ..gateways.transport import TransportError, Unreachable

_logger = logging.getLogger(__name__)

REFERENCE_ALPHABET = string.ascii_lowercase + string.digits


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    trpay_page_url = fields.Char(help="The provider's payment page", readonly=True, copy=False)
    trpay_resizer_url = fields.Char(readonly=True, copy=False)
    trpay_refs = fields.Json(help="What the provider's answers told us to remember", copy=False)
    trpay_back_route = fields.Char(help="Where the customer chose to pay", readonly=True)
    trpay_installments = fields.Integer(string="Instalments", readonly=True, copy=False)
    trpay_surcharge = fields.Monetary(
        string="Instalment Surcharge",
        help="What the customer was charged on top of the amount (vade farkı)",
        readonly=True,
        copy=False,
    )
    trpay_card_number = fields.Char(string="Card", readonly=True, copy=False)
    trpay_provider_message = fields.Char(
        string="Provider's Message",
        help="In the provider's own words",
        readonly=True,
        copy=False,
    )
    trpay_review_reason = fields.Text(
        string="To Review", help="Why a person must decide", readonly=True, copy=False
    )
    trpay_activity_id = fields.Many2one(
        string="To-Do",
        comodel_name="mail.activity",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    trpay_next_inquiry = fields.Datetime(
        string="Next Inquiry",
        help="When the provider will be asked again",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    trpay_inquiries = fields.Integer(string="Inquiries", readonly=True, copy=False)
    trpay_refund_sent = fields.Datetime(
        help="When the refund was handed to the provider; empty if it surely was not",
        readonly=True,
        copy=False,
    )
    trpay_notification_ids = fields.One2many(
        string="Notifications",
        comodel_name="trpay.notification",
        inverse_name="transaction_id",
    )

    def _is_trpay(self):
        return self.provider_code in GATEWAYS

    # === BUSINESS METHODS - STARTING === #

    @api.model
    def _compute_reference(self, provider_code, prefix=None, separator="-", **kwargs):
        """Override of `payment` to make references that every PSP takes and no other database has.

        Letters and digits only, at most 40 characters, with a random end: a copy of the database
        must never repeat a reference that the PSP already knows.
        """
        if provider_code not in GATEWAYS:
            return super()._compute_reference(
                provider_code, prefix=prefix, separator=separator, **kwargs
            )
        prefix = prefix or self.sudo()._compute_reference_prefix(separator, **kwargs) or "tx"
        plain = re.sub(r"[^A-Za-z0-9]", "", prefix)[: const.REFERENCE_PREFIX_LENGTH]
        suffix = "".join(
            secrets.choice(REFERENCE_ALPHABET) for _ in range(const.REFERENCE_SUFFIX_LENGTH)
        )
        return plain + suffix

    def _get_specific_rendering_values(self, processing_values):
        """Override of `payment` to send the browser to our start route.

        The PSP is contacted there and not here, so that it never hears of an order which is not
        yet in our books, and no document stays locked while it answers.
        """
        if not self._is_trpay():
            return super()._get_specific_rendering_values(processing_values)
        return {"api_url": self._trpay_route("start")}

    def _trpay_route(self, page):
        token = payment_utils.generate_access_token(self.id, self.reference, env=self.env)
        return f"/payment/{self.provider_code}/{page}/{self.id}/{token}"

    def _trpay_start(self):
        """Open the payment at the PSP, once, and remember where the customer pays.

        On failure the transaction ends: each attempt has a reference of its own.
        """
        self.ensure_one()
        provider = self.provider_id
        try:
            step = provider._trpay_gateway().open(self._trpay_order(), self._trpay_checkout())
        except (GatewayError, TransportError) as error:
            self.trpay_provider_message = provider._trpay_explain(error)
            self._set_error(
                self.env._(
                    "%(provider)s could not start the payment. Nothing was charged. Please try"
                    " again, or choose another way to pay.",
                    provider=provider.name,
                )
            )
            return
        self.write(
            {
                "trpay_page_url": step.url,
                "trpay_resizer_url": step.resizer_url if isinstance(step, Embed) else False,
                "trpay_refs": dict(step.refs),
                "partner_lang": self.env.lang or self.partner_lang,
            }
        )
        self._trpay_plan_inquiry(restart=True)

    def _trpay_order(self):
        """This payment in the words of the gateways."""
        return Order(
            reference=self.reference,
            amount=self._trpay_money(self.amount),
            method=self._trpay_method(),
            test=not self.is_live,
            refs=self.trpay_refs or {},
        )

    def _trpay_method(self):
        """The gateway's method that the customer chose; a card's brand counts as its default."""
        methods = GATEWAYS[self.provider_code].methods
        xmlid_to_id = self.env["ir.model.data"]._xmlid_to_res_id
        by_id = {xmlid_to_id(f"payment.payment_method_{code}"): code for code in methods}
        return by_id.get(self.payment_method_id.id, methods[0])

    def _trpay_money(self, amount):
        return Money(
            payment_utils.to_minor_currency_units(amount, self.currency_id),
            self.currency_id.name,
        )

    def _trpay_checkout(self):
        provider, company = self.provider_id, self.company_id
        return_url = provider._trpay_url(self._trpay_route("return"))
        ip = payment_utils.get_customer_ip_address() if self.is_live else const.TEST_CUSTOMER_IP
        return Checkout(
            name=self.partner_name or self.partner_id.display_name or company.name,
            email=self.partner_email or company.email or f"info@{company.name}",
            phone=self.partner_phone or company.phone or "-",
            address=", ".join(filter(None, (self.partner_address, self.partner_city)))
            or company.partner_id._display_address(without_company=True).replace("\n", ", ")
            or "-",
            ip=ip,
            description=f"{company.name} {self.reference[: -const.REFERENCE_SUFFIX_LENGTH]}",
            return_url=return_url,
            cancel_url=return_url,
            lang="tr" if (self.env.lang or "tr").startswith("tr") else "en",
            minutes=provider.trpay_minutes,
            max_installments=int(provider.trpay_max_installments),
            embedded=provider.trpay_page == "embedded",
        )

    # === BUSINESS METHODS - SETTLING === #

    def _trpay_lock(self):
        """Take the transaction's row until the end of the database transaction.

        An UPDATE and not only a SELECT FOR UPDATE: under REPEATABLE READ, whoever waited for a row
        that did not change goes on with a stale view of everything else. This way they get a
        serialization failure, and Odoo lets them start over with a fresh one.
        """
        self.ensure_one()
        self.env.cr.execute(
            SQL("UPDATE payment_transaction SET write_date = write_date WHERE id = %s", self.id)
        )

    def _trpay_settle(self, outcome):
        """Make true what the PSP proved or answered. Every road ends here.

        Truth only moves forward: repeats change nothing, a success is believed after a failure, a
        failure is not believed after a success, and what does not fit is parked for a person.

        :param Outcome outcome: What happened.
        :return: Whether the state of the transaction changed.
        :rtype: bool
        """
        self._trpay_lock()
        before = self.state
        if outcome.state is not State.UNKNOWN:
            self._process(self.provider_code, {"outcome": outcome})
        if self.state == before:
            return False
        if self.state in ("authorized", "done"):
            self.trpay_next_inquiry = False
        self._trpay_wake("payment.cron_post_process_payment_tx")
        return True

    def _trpay_wake(self, cron_xmlid):
        """Run a cron at once, at the cost of two queries: neither its record nor the user's
        company is looked up.
        """
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(cron_xmlid)
        crons_sudo = self.env["ir.cron"].sudo().with_company(self.company_id[:1])
        crons_sudo.browse(cron_id)._trigger()

    def _extract_amount_data(self, payment_data):
        """Override of `payment` to skip its amount check: what does not fit is parked instead."""
        if not self._is_trpay():
            return super()._extract_amount_data(payment_data)
        return None

    def _apply_updates(self, payment_data):
        """Override of `payment` to update the transaction with an outcome of our gateways."""
        if not self._is_trpay():
            return super()._apply_updates(payment_data)

        outcome = payment_data["outcome"]
        if self.state == "done" or self.trpay_review_reason:
            _logger.info("%s: %s changes nothing any more", self.reference, outcome.state)
            return
        if misfit := self._trpay_find_misfit(outcome):
            self._trpay_park(misfit)
            return
        self._trpay_record(outcome)
        match outcome.state:
            case State.PENDING:
                self._set_pending()
            case State.AUTHORIZED:
                self._set_authorized(extra_allowed_states=("error", "cancel"))
            case State.PAID:
                self._set_done(extra_allowed_states=("cancel",))
            case State.FAILED:
                self._set_error(self._trpay_sentence(outcome))
            case State.CANCELED:
                self._set_canceled(self._trpay_sentence(outcome))

    def _trpay_record(self, outcome):
        values = {}
        if outcome.charged and self.operation != "refund":
            surcharge = outcome.charged.minor - self._trpay_money(self.amount).minor
            values["trpay_surcharge"] = payment_utils.to_major_currency_units(
                surcharge, self.currency_id
            )
        if outcome.installments:
            values["trpay_installments"] = outcome.installments
        if outcome.card.number:
            values["trpay_card_number"] = outcome.card.number
        if outcome.psp_reference:
            values["provider_reference"] = outcome.psp_reference
        if outcome.text:
            values["trpay_provider_message"] = " ".join(
                filter(None, (outcome.code and f"[{outcome.code}]", outcome.text))
            )
        if outcome.card.brand and self.operation != "refund":
            brand = self.env["payment.method"]._get_from_code(outcome.card.brand)
            values["payment_method_id"] = (brand or self.payment_method_id).id
        if values:
            self.write(values)

    def _trpay_sentence(self, outcome):
        """Why a payment failed, in the language that the customer paid in."""
        env = self.with_context(lang=self.partner_lang or self.env.lang).env
        sentence = env._(const.REASONS[outcome.reason or Reason.BANK_REFUSED])
        if outcome.reason is Reason.BANK_REFUSED and outcome.text:
            return f"{sentence} ({outcome.text})"
        return sentence

    def _trpay_find_misfit(self, outcome):
        """What keeps a success from being this transaction's; empty if nothing does."""
        if outcome.state not in (State.PAID, State.AUTHORIZED):
            return ""
        expected = self._trpay_money(abs(self.amount))
        if outcome.amount and outcome.amount != expected:
            return self.env._(
                "%(provider)s says the order is of %(amount)s, not %(expected)s.",
                provider=self.provider_id.name,
                amount=outcome.amount,
                expected=expected,
            )
        if outcome.charged and (
            outcome.charged.currency != expected.currency or outcome.charged < expected
        ):
            return self.env._(
                "%(provider)s says %(charged)s was charged, not %(expected)s.",
                provider=self.provider_id.name,
                charged=outcome.charged,
                expected=expected,
            )
        if outcome.test and self.is_live:
            return self.env._(
                "%(provider)s says this was a test payment, so no money was moved. Is the store"
                " still in test mode?",
                provider=self.provider_id.name,
            )
        return ""

    def _trpay_park(self, reason):
        """Money may be there, but not as agreed: keep the transaction for a person to decide."""
        self._set_pending(extra_allowed_states=("error", "cancel", "authorized"))
        self.write({"trpay_review_reason": reason, "trpay_next_inquiry": False})
        self._trpay_alert(reason)

    def _trpay_alert(self, text):
        """Give the responsible person a to-do."""
        self.ensure_one()
        note = Markup("<p>%s</p><p>%s</p>") % (text, self._get_html_link())
        if self.trpay_activity_id:
            self.trpay_activity_id.note = note
            return
        responsible = self.provider_id.trpay_responsible_id or self.env.ref("base.user_admin")
        self.trpay_activity_id = self.env["mail.activity"].create(
            {
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "summary": self.env._("Payment %s needs a decision", self.reference),
                "note": note,
                "user_id": responsible.id,
            }
        )

    def _post_process(self):
        """Override of `payment` to tell a person of a document that was paid more than once.

        A customer may leave one payment page, pay on another, and then go on with the first.
        """
        result = super()._post_process()
        for tx in self:
            if tx._is_trpay() and tx.state == "done" and tx.operation != "refund":
                for document in tx._trpay_overpaid_documents():
                    tx._trpay_alert(
                        self.env._(
                            "%s was paid more than once. Refund what is too much.",
                            document.display_name,
                        )
                    )
        return result

    def _trpay_overpaid_documents(self):
        """The orders and invoices of this payment that got more money than they ask for."""
        names = {"sale_order_ids", "invoice_ids"}.intersection(self._fields)
        for document in (document for name in names for document in self[name]):
            payments = document.transaction_ids.filtered(
                lambda tx: (
                    tx.state == "done"
                    and tx.operation != "refund"
                    and tx.currency_id == self.currency_id
                )
            )
            paid = sum(tx._trpay_amount_left() for tx in payments)
            if self.currency_id.compare_amounts(paid, document.amount_total) > 0:
                yield document

    def _trpay_is_being_post_processed(self):
        """Whether the cron that the settlement woke may be at work on this transaction.

        If the status page did the same work at once, one of the two would have to throw it away.
        """
        return (
            not self.is_post_processed
            and self.state not in ("draft", "pending")
            and fields.Datetime.now() - self.last_state_change < const.POST_PROCESSING_TIME
        )

    # === BUSINESS METHODS - ASKING === #

    def _trpay_came_back(self):
        """The customer is back from the PSP, which proves nothing: find out soon."""
        self.ensure_one()
        if self.state in ("draft", "pending") and not self.trpay_review_reason:
            self._trpay_inquire_soon()

    def _trpay_inquire_soon(self):
        self.trpay_next_inquiry = fields.Datetime.now()
        self._trpay_wake("payment_trpay.cron_reconcile")

    def _trpay_plan_inquiry(self, restart=False):
        """Say when to ask next: sooner at first, for ten days; then a person must look.

        A failed payment is asked about for a while, too: its customer may try again on the PSP's
        page, and the notification of the success may get lost.
        """
        asked = 0 if restart else self.trpay_inquiries
        most = const.INQUIRIES_AFTER_FAILURE if self.state in ("error", "cancel") else None
        if asked < len(const.INQUIRY_DELAYS[:most]):
            self.trpay_next_inquiry = fields.Datetime.now() + const.INQUIRY_DELAYS[asked]
        else:
            self.trpay_next_inquiry = False
            if self.state == "pending":
                self._trpay_alert(
                    self.env._(
                        "%s gave no final answer for ten days. Look the payment up in its panel.",
                        self.provider_id.name,
                    )
                )
        self.trpay_inquiries = asked + 1

    @api.model
    def _cron_trpay_reconcile(self):
        """Find out what became of the payments and refunds whose time has come."""
        due = self.search(
            [("trpay_next_inquiry", "<=", fields.Datetime.now())],
            order="trpay_next_inquiry",
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for tx in due:
            try:
                tx._trpay_find_out()
            except psycopg2.OperationalError:  # Somebody else is at it, a notification perhaps.
                self.env.cr.rollback()
            except Exception:
                _logger.exception("Could not find out what became of %s", tx.reference)
                self.env.cr.rollback()
            if not cron._commit_progress(1):
                break

    def _trpay_find_out(self):
        """Ask the PSP, or hand it the refund that it surely has not got yet.

        The next inquiry is planned and committed before the PSP is contacted: that keeps other
        workers off, and a crash from losing the transaction.

        :return: What the PSP said; None if nothing new is known.
        :rtype: Outcome|None
        """
        self.ensure_one()
        self._trpay_lock()
        if self.state not in ("draft", "pending", "error", "cancel") or self.trpay_review_reason:
            self.trpay_next_inquiry = False
            return None
        self._trpay_plan_inquiry()
        send = self.operation == "refund" and not self.trpay_refund_sent
        if send:
            self.trpay_refund_sent = fields.Datetime.now()
        self._trpay_commit()
        try:
            outcome = self._trpay_ask(send)
        except (GatewayError, TransportError) as error:
            self._trpay_note_failure(error, send)
            return None
        if self.operation == "refund" and outcome.state is State.UNKNOWN:
            self._trpay_prepare_repetition()
        self._trpay_settle(outcome)
        return outcome

    def _trpay_ask(self, send):
        gateway = self.provider_id._trpay_gateway()
        if self.operation != "refund":
            return gateway.inquire(self._trpay_order())
        order, refund = (
            self.source_transaction_id._trpay_order(),
            self._trpay_refund_values(),
        )
        return (gateway.refund if send else gateway.inquire_refund)(order, refund)

    def _trpay_note_failure(self, error, sent):
        """No answer is never a failure. Only a refused refund is one."""
        self._trpay_lock()
        self.trpay_provider_message = self.provider_id._trpay_explain(error)
        if not sent:
            return
        if isinstance(error, Refused) and error.reason is not Reason.TRY_LATER:
            self._set_error(self.trpay_provider_message)
            self.trpay_next_inquiry = False
            self._trpay_alert(self.trpay_provider_message)
        elif not isinstance(error, TransportError) or isinstance(error, Unreachable):
            self.trpay_refund_sent = False  # It surely was not taken: send it again later.

    def _trpay_commit(self):
        """End the database transaction before a PSP is contacted.

        What is about to be asked must be on record if the process dies, and no row may stay locked
        while the PSP thinks.
        """
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.invalidate_all()

    # === BUSINESS METHODS - GIVING BACK === #

    def _refund(self, amount_to_refund=None):
        """Override of `payment` to refund what is left if no amount is given, and never nothing."""
        if not self._is_trpay():
            return super()._refund(amount_to_refund=amount_to_refund)
        if amount_to_refund is None:
            amount_to_refund = self._trpay_amount_left()
        if self.currency_id.compare_amounts(amount_to_refund, 0) <= 0:
            raise UserError(self.env._("There is nothing to refund."))
        return super()._refund(amount_to_refund=amount_to_refund)

    def _trpay_amount_left(self):
        """What may still be refunded, running refunds counted as given back."""
        refunds = self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state in ("pending", "authorized", "done")
        )
        return self.currency_id.round(self.amount + sum(refunds.mapped("amount")))

    def _send_refund_request(self):
        """Override of `payment` to hand the refund to the PSP once it is safely on record.

        It is sent after the commit of whoever asked for it: if they fail, nothing was sent, and if
        the process dies in between, the reconciliation sends it.
        """
        if not self._is_trpay():
            return super()._send_refund_request()
        source = self.source_transaction_id
        source._trpay_lock()
        if source.state != "done":
            raise ValidationError(self.env._("Only a confirmed payment can be refunded."))
        left = source._trpay_amount_left()
        if self.currency_id.compare_amounts(-self.amount, left) > 0:
            raise ValidationError(
                self.env._("At most %s can still be refunded.", self.currency_id.format(left))
            )
        self._set_pending()
        self.trpay_next_inquiry = fields.Datetime.now() + timedelta(minutes=1)
        self.env.cr.postcommit.add(self._trpay_find_out_now)

    def _trpay_find_out_now(self):
        try:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._trpay_find_out()
        except Exception:  # What the caller committed stays, and the reconciliation goes on.
            _logger.exception("Could not send refund %s at once", self.reference)

    def _trpay_refund_values(self):
        earlier = self.source_transaction_id.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state == "done" and tx != self
        )
        return Refund(
            reference=self.reference,
            amount=self._trpay_money(-self.amount),
            refunded_before=self._trpay_money(-sum(earlier.mapped("amount"))),
        )

    def _trpay_prepare_repetition(self):
        """The PSP has not got this refund: send it again, unless it may still be on its way."""
        if fields.Datetime.now() - self.trpay_refund_sent > const.REFUND_SETTLING:
            self.trpay_refund_sent = False
            self._trpay_inquire_soon()

    # === ACTION METHODS === #

    def action_trpay_inquire(self):
        """Ask the PSP now and tell what it said."""
        self.ensure_one()
        payment_utils.check_rights_on_recordset(self)
        tx_sudo = self.sudo()
        outcome = tx_sudo._trpay_find_out()
        if not outcome:
            message = tx_sudo.trpay_provider_message or self.env._("There is nothing to ask.")
        elif outcome.state is State.UNKNOWN:
            message = self.env._(
                "%s has no successful payment with this reference (yet).",
                self.provider_id.name,
            )
        else:
            message = self.env._(
                "%(provider)s says: %(state)s",
                provider=tx_sudo.provider_id.name,
                state=dict(self._fields["state"]._description_selection(self.env))[self.state],
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_trpay_accept(self):
        """A person decided: the parked payment counts as paid."""
        self._trpay_decide(lambda tx: tx._set_done())

    def action_trpay_reject(self):
        """A person decided: the parked payment does not count."""
        self._trpay_decide(
            lambda tx: tx._set_canceled(self.env._("The payment was reviewed and not accepted."))
        )

    def _trpay_decide(self, decide):
        payment_utils.check_rights_on_recordset(self)
        for tx in self.sudo():
            tx._trpay_lock()
            if not tx.trpay_review_reason:
                raise UserError(self.env._("Only a payment under review can be decided."))
            decide(tx)
            tx._trpay_close_review()
        self._trpay_wake("payment.cron_post_process_payment_tx")

    def _trpay_close_review(self):
        self.trpay_activity_id.action_feedback(
            feedback=self.env._("Decided by %s", self.env.user.name)
        )
        self.write({"trpay_review_reason": False, "trpay_activity_id": False})
