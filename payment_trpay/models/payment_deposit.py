"""Transactions that know what they are paid for: a deposit, or what comes after it."""

import logging

import psycopg2

from odoo import api, fields, models

from .. import const

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    deposit_res_model = fields.Char(string="Booking Model", readonly=True, index=True)
    deposit_res_id = fields.Many2oneReference(
        string="Booking", model_field="deposit_res_model", readonly=True, index=True
    )
    deposit_purpose = fields.Selection(
        string="Purpose",
        selection=[
            ("deposit", "Deposit"),
            ("full", "Payment in full"),
            ("balance", "Balance"),
            ("no_show", "No-show"),
        ],
        readonly=True,
    )

    def _deposit_document(self):
        """What this transaction pays for; empty if nothing with a deposit, or if it is gone."""
        self.ensure_one()
        if self.deposit_res_model not in self.env:
            return self.env["payment.transaction"]
        return self.env[self.deposit_res_model].browse(self.deposit_res_id).exists()

    # === OVERRIDES === #

    @api.model
    def _compute_reference_prefix(self, separator, **values):
        """Override of `payment` to name the booking."""
        if model := values.get("deposit_res_model"):
            return self.env[model].browse(values["deposit_res_id"])._deposit_reference_prefix()
        return super()._compute_reference_prefix(separator, **values)

    def _create_child_transaction(self, amount, is_refund=False, **custom_create_values):
        """Override of `payment` to let refunds and captures belong to the booking, too."""
        links = {
            name: self[name] for name in ("deposit_res_model", "deposit_res_id", "deposit_purpose")
        }
        return super()._create_child_transaction(
            amount, is_refund=is_refund, **links | custom_create_values
        )

    def _log_message_on_linked_documents(self, message):
        """Override of `payment` to log on the booking."""
        result = super()._log_message_on_linked_documents(message)
        if document := self._deposit_document():
            author = self.env.user.partner_id if self.env.uid else self.partner_id
            document.message_post(body=message, author_id=author.id)
        return result

    def _set_pending(self, **kwargs):
        """Override of `payment` to hold on to what is booked while money is on its way."""
        transactions = super()._set_pending(**kwargs)
        for tx in transactions.filtered(lambda tx: tx.operation != "refund"):
            if document := tx._deposit_document():
                document._deposit_stretch()
        return transactions

    def _post_process(self):
        """Override of `payment` to confirm what was booked."""
        result = super()._post_process()
        for tx in self:
            if document := tx._deposit_document():
                document._deposit_settle(tx)
        return result

    def _set_canceled(self, *args, **kwargs):
        """Override of `payment` to tell staff that what secured a booking was let go."""
        reserved = self.filtered(lambda tx: tx.state == "authorized" or tx.source_transaction_id)
        transactions = super()._set_canceled(*args, **kwargs)
        for tx in transactions & reserved:
            document = tx._deposit_document()
            if document and document.deposit_stage == "confirmed" and document._deposit_missing():
                tx._trpay_for_staff()._deposit_alert_unsecured(document)
        return transactions

    def _set_error(self, state_message, **kwargs):
        """Override of `payment` to tell staff of a refund that failed, at once or later."""
        transactions = super()._set_error(state_message, **kwargs)
        for tx in transactions.filtered(lambda tx: tx.operation == "refund"):
            if tx._deposit_document() and not tx.trpay_sent:  # Else the inquiry says it.
                tx._deposit_alert_refund_failed(-tx.amount, state_message)
        return transactions

    # === WHAT BOOKINGS ASK === #

    def _deposit_own_amount(self):
        """The amount without what was captured or voided by transactions of its own."""
        parts = self._trpay_parts().filtered(lambda tx: tx.state in ("done", "cancel"))
        return self.currency_id.round(self.amount - sum(parts.mapped("amount")))

    def _deposit_try_to_process(self):
        """Post-process, or tell staff that the books refuse.

        :return: Whether it was possible.
        :rtype: bool
        """
        savepoint = self.env.cr.savepoint()  # Here, for what came before has errors of its own.
        try:
            with savepoint:
                self._post_process()
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            _logger.exception("Could not post-process %s", self.reference)
            if not self.trpay_activity_id:
                tx = self._trpay_for_staff()
                tx._trpay_alert(
                    tx.env._("It is paid, but cannot be booked, and confirms nothing: %s", error)
                )
            return False
        return True

    def _deposit_limit_minutes(self, minutes):
        """Close the payment page no later than when the booking is released."""
        deadline = (document := self._deposit_document()) and document.deposit_deadline
        if not deadline:
            return minutes
        left = (deadline - fields.Datetime.now()).total_seconds() // 60
        return max(min(minutes, int(left)), 1)

    def _deposit_is_open(self):
        """Whether the provider is one that can be asked, and its customer may have paid."""
        return (
            self._is_trpay()
            and self.operation != "refund"
            and self.state in ("draft", "pending")
            and bool(self.trpay_page_url)
        )

    def _deposit_find_out(self):
        """Ask the provider. Returns whether it answered."""
        return bool(self._trpay_find_out()) or self.state not in ("draft", "pending")

    def _deposit_refund(self, amount):
        """Give money back, or leave it to staff if the provider cannot.

        :return: Whether it is on its way.
        :rtype: bool
        """
        self._trpay_lock()
        if self.state == "authorized":
            problem = self._trpay_for_staff().env._("It is only reserved, not captured.")
            self._deposit_alert_refund_failed(amount, problem)
            return False
        if not self._deposit_can_refund(amount):
            self._refund_by_hand(amount)
            return True
        try:
            refund = self._refund(amount)
        except psycopg2.Error:
            raise
        except Exception as error:  # Another provider's code: the money may be on its way.
            _logger.exception("Could not refund %s", self.reference)
            self._deposit_alert_refund_failed(amount, str(error))
            return False
        return refund.state != "error"

    def _deposit_can_refund(self, amount):
        """Whether both the provider and the method give back so much."""
        method = self.payment_method_id.primary_payment_method_id or self.payment_method_id
        is_whole = self.currency_id.compare_amounts(amount, self.amount) == 0
        enough = {"partial", "full_only"} if is_whole else {"partial"}
        supported = {self.provider_id.support_refund, method.support_refund}
        return self.provider_id.state != "disabled" and supported <= enough

    # === WHAT STAFF ARE TOLD === #

    def _deposit_alert_refund_failed(self, amount, problem):
        tx = self._trpay_for_staff()
        tx._trpay_alert(
            tx.env._(
                "%(amount)s could not be given back to %(customer)s: %(problem)s Look in the panel"
                " of %(provider)s whether it was, before you send it again.",
                amount=self.currency_id.format(amount),
                customer=self.partner_id.display_name,
                problem=problem,
                provider=self.provider_id.name,
            )
        )

    def _deposit_alert_late(self, document, amount, give_back):
        values = {
            "amount": self.currency_id.format(amount),
            "booking": document.display_name,
        }
        self._trpay_alert(
            self.env._("%(amount)s came too late for %(booking)s. It is given back.", **values)
            if give_back
            else self.env._(
                "%(amount)s came too late for %(booking)s. It is kept as the customer's credit:"
                " offer another time.",
                **values,
            )
        )

    def _deposit_alert_unsecured(self, document):
        self._trpay_alert(
            self.env._(
                "%(booking)s stays confirmed, though the reservation of its deposit was let go:"
                " %(amount)s are missing. Ask for them again, or cancel it.",
                booking=document.display_name,
                amount=self.currency_id.format(document._deposit_missing()),
            )
        )

    def _deposit_alert_overpaid(self, document, excess):
        self._trpay_alert(
            self.env._(
                "%(booking)s was paid more than once: %(amount)s were too much. Refund them, or"
                " keep them for the rest of the price.",
                booking=document.display_name,
                amount=self.currency_id.format(excess),
            )
        )

    # === CRON === #

    @api.model
    def _cron_deposits(self):
        """Release what was not paid in time, give back what is due, ask for what is left."""
        for model in self._deposit_models():
            now = fields.Datetime.now()
            last = now - const.HOLD_GRACE
            overdue = model.search(
                [("deposit_stage", "=", "held"), ("deposit_deadline", "<=", last)]
            )
            self.env["ir.cron"]._trpay_each(overdue, lambda document: document._deposit_expire())
            owed = model.search([("deposit_refund_due", ">", 0)])
            self.env["ir.cron"]._trpay_each(owed, lambda document: document._deposit_give_back())
            due = [("deposit_stage", "=", "confirmed"), ("deposit_reminder", "<=", now)]
            self.env["ir.cron"]._trpay_each(
                model.search(due), lambda document: document._deposit_remind()
            )

    def _deposit_models(self):
        names = self.env.registry.descendants(["deposit.mixin"], "_inherit")
        models_ = (self.env[name] for name in sorted(names))
        return [
            model.with_context(active_test=False)
            for model in models_
            if not model._abstract and model._auto
        ]
