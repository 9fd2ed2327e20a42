"""Payments that are collected only after the shop was asked once more."""

import logging
from dataclasses import replace
from functools import partial

from odoo import fields, models
from odoo.service.model import retrying

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import LATER, BadMessage, GatewayError, Reason, State
from ..gateways.transport import TransportError

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
        obstacle = self._trpay_take_or_find_obstacle()
        self.trpay_sent = fields.Datetime.now()
        self._trpay_commit()
        try:
            outcome = self._trpay_gateway().resume(
                self._trpay_order(), message, collect=not obstacle
            )
        except BadMessage as error:  # Nothing was sent: the customer may still come back.
            _logger.warning("%s: not to be resumed: %s", self.reference, error.text)
            self.trpay_sent = False
            return
        except TransportError as error:
            conclude = partial(self._trpay_note_no_answer, error, message)
        except GatewayError as error:
            conclude = partial(self._trpay_note_refused_charge, error)
            if error.reason in LATER:
                conclude = partial(self._trpay_note_no_answer, error, message)
        else:
            if outcome.state is State.CANCELED:
                outcome = replace(outcome, reason=obstacle or Reason.NOT_AVAILABLE)
            conclude = partial(self._trpay_settle, outcome)
        retrying(conclude, self.env)  # The answer is here: a busy row must not cost us it.

    def _trpay_note_no_answer(self, error, message):
        """It was not taken, or may have been: it is asked about, and sent once more if need be."""
        self._trpay_lock()
        self.trpay_provider_message = self._trpay_for_staff().provider_id._trpay_explain(error)
        self._set_pending()
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
