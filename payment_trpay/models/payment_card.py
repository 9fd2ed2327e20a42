"""Cards that are entered in the shop's own page."""

import logging
from decimal import Decimal

from odoo import fields, models

from ..gateways.base import CardEntry, GatewayError
from ..gateways.transport import TransportError

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_card_entry(self):
        """What the card form needs; None if there is nothing to pay here (any more).

        :rtype: CardEntry|None
        """
        self.ensure_one()
        if self.state != "draft" or self.trpay_page_url != self._trpay_route("card"):
            return None
        entry = self._trpay_gateway().open(self._trpay_order(), self._trpay_checkout())
        return entry if isinstance(entry, CardEntry) and not self.trpay_sent else None

    def _trpay_charge(self, card, installments):
        """Charge a card on this server, once: what was sent is on record before it is sent.

        :param Card card: As its holder typed it.
        :param int installments: In how many parts; 1 for a single payment.
        """
        self._trpay_lock()
        if self.state != "draft" or self.trpay_sent:
            return
        checkout = self._trpay_checkout()
        self.trpay_sent = fields.Datetime.now()
        self.trpay_installments = installments
        self._trpay_plan_inquiry()
        self._trpay_commit()
        try:
            outcome = self._trpay_gateway().pay(self._trpay_order(), checkout, card, installments)
        except (GatewayError, TransportError) as error:
            self._trpay_note_refused_charge(error)
        else:
            self._trpay_settle(outcome)

    def _trpay_note_refused_charge(self, error):
        """Only a refusal is a failure: without an answer, the PSP is asked what became of it."""
        self._trpay_lock()
        self.trpay_provider_message = self._trpay_for_staff().provider_id._trpay_explain(error)
        if isinstance(error, GatewayError):
            self._set_error(self._trpay_sentence(error))
        else:
            self._set_pending()

    # === INSTALMENTS === #

    def _trpay_describe_plans(self, card_bin):
        """What a card's holder can choose from.

        :param str card_bin: The card's first digits.
        :rtype: list[dict]
        """
        single = [self._trpay_describe_plan(1, self.amount)]
        entry = self._trpay_card_entry()
        if not entry or len(card_bin) < 6 or len(entry.choices) < 2:
            return single
        try:
            plans = self._trpay_gateway().installments(self._trpay_money(self.amount), card_bin)
        except (GatewayError, TransportError):
            _logger.warning("%s: no instalments can be offered", self.reference)
            return single
        return [
            self._trpay_describe_plan(plan.installments, plan.total.major)
            for plan in plans
            if plan.installments in entry.choices
        ]

    def _trpay_describe_plan(self, count, total):
        shown = self.currency_id.format(float(total))
        if count == 1:
            return {"count": 1, "label": self.env._("Single payment: %s", shown)}
        part = self.currency_id.format(float(Decimal(total) / count))
        return {
            "count": count,
            "label": self.env._(
                "%(count)s instalments of %(part)s: %(total)s",
                count=count,
                part=part,
                total=shown,
            ),
        }
