"""Payments that are collected only after the shop was asked once more."""

import logging
from dataclasses import replace
from functools import partial

from odoo import fields, models
from odoo.service.model import retrying

from ..gateways.base import BadMessage, GatewayError, Reason, State
from ..gateways.transport import TransportError
from . import rows

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_resume(self, message):
        """Have the PSP collect, or let go of what nobody can have any more.

        It is done once: what is about to be sent is on record before it is sent.

        :param dict message: What the customer's browser brought back; nobody vouches for it.
        """
        if not message or not self._trpay_order().resumed:
            return
        self._trpay_lock()
        is_open = self.state in ("draft", "pending") and not self.trpay_sent
        if not is_open:
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
        except (GatewayError, TransportError) as error:
            conclude = partial(self._trpay_note_refused_charge, error)
        else:
            if outcome.state is State.CANCELED:
                outcome = replace(outcome, reason=Reason.NOT_AVAILABLE)
            conclude = partial(self._trpay_settle, outcome)
        retrying(conclude, self.env)  # The answer is here: a busy row must not cost us it.

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
