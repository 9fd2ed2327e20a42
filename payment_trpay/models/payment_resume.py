"""Payments that are collected only after the shop was asked once more."""

import logging
from dataclasses import replace
from functools import partial

from odoo import fields, models
from odoo.service.model import retrying

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import BadMessage, GatewayError, Reason, State
from ..gateways.transport import TransportError
from . import rows

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_resume(self, message):
        """Have the PSP collect, or let go of what nobody can have any more.

        What is about to be sent is on record before it is sent, and sent once; if no answer came,
        once more after the PSP said that it has not got it.

        :param dict message: What the customer's browser brought back; nobody vouches for it.
        """
        message = GATEWAYS[self.provider_code].keep(message)
        if not message or not self._trpay_order().resumed:
            return
        self._trpay_lock()
        if self.trpay_sent or not self._trpay_can_resume():
            return
        collect = self._trpay_is_still_wanted()
        self.trpay_sent = fields.Datetime.now()
        self._trpay_commit()
        try:
            outcome = self._trpay_gateway().resume(self._trpay_order(), message, collect=collect)
        except BadMessage as error:  # Nothing was sent: the customer may still come back.
            _logger.warning("%s: not to be resumed: %s", self.reference, error.text)
            self.trpay_sent = False
            return
        except TransportError as error:
            conclude = partial(self._trpay_note_no_answer, error, message)
        except GatewayError as error:
            conclude = partial(self._trpay_note_refused_charge, error)
        else:
            if outcome.state is State.CANCELED:
                outcome = replace(outcome, reason=Reason.NOT_AVAILABLE)
            conclude = partial(self._trpay_settle, outcome)
        retrying(conclude, self.env)  # The answer is here: a busy row must not cost us it.

    def _trpay_note_no_answer(self, error, message):
        self._trpay_note_refused_charge(error)
        if "unanswered" not in self.trpay_refs:
            self.trpay_refs = self.trpay_refs | {"unanswered": message}

    def _trpay_can_resume(self):
        return self.state in ("draft", "pending") and not self.trpay_review_reason

    def _trpay_find_out(self):
        """Override to resume once more what the PSP, asked later, has not got."""
        outcome = super()._trpay_find_out()
        message = (self.trpay_refs or {}).get("unanswered")
        is_missing = outcome and outcome.state is State.UNKNOWN
        settled = fields.Datetime.now() - const.SETTLING
        was_sent = self.trpay_sent and self.trpay_sent < settled
        if message and is_missing and was_sent and self._trpay_can_resume():
            self.write({"trpay_sent": False, "trpay_refs": self.trpay_refs | {"unanswered": {}}})
            self._trpay_resume(message)
        return outcome

    def _trpay_is_still_wanted(self):
        """Whether the order stands and nobody else pays it, and the appointment can be had.

        What is paid for is locked: of two tabs that come back together, the second must see the
        first.
        """
        payments = self.env["payment.transaction"]
        for document in self._trpay_documents():
            rows.take(document)
            payments |= document.transaction_ids
        if booking := self._deposit_document():
            booking._deposit_lock()
            payments |= booking.deposit_transaction_ids
        if any(tx.trpay_sent and tx.state in ("draft", "pending") for tx in payments - self):
            return False
        return not self._trpay_is_needless() and (not booking or booking._deposit_can_be_had())
