"""Cards that are entered in the shop's own page."""

import logging
from functools import partial

from odoo import fields, models
from odoo.service.model import retrying
from odoo.tools import SQL

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..gateways.base import CardEntry, GatewayError, Plan, State
from ..gateways.transport import TransportError
from .payment_provider import CHOICE

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_card_entry(self):
        """What the card form needs; None if there is nothing to pay here (any more).

        :rtype: CardEntry|None
        """
        self.ensure_one()
        is_open = self.state == "draft" and not self.trpay_sent
        if not is_open or self.trpay_page_url != self._trpay_route("card"):
            return None
        if self._trpay_end_if_not_owed():
            return None
        if self.operation == "validation":
            return CardEntry(url="", choices={1: {}})
        try:
            entry = self._trpay_gateway().open(self._trpay_order(), self._trpay_checkout())
        except (GatewayError, TransportError) as error:
            self._trpay_fail_to_start(error)
            return None
        return entry if isinstance(entry, CardEntry) else None

    def _trpay_plan_card(self, entry):
        """What stays so for this payment, whatever becomes of its provider's settings.

        :param CardEntry entry: How a card is taken.
        :rtype: dict
        """
        return self._trpay_plan_flow(with_3d_secure=bool(entry.url))

    def _trpay_other_flow(self):
        """The way to pay by card that the customer may choose instead; empty if there is none.

        :rtype: str
        """
        refs = self.trpay_refs or {}
        is_open = self.state == "draft" and not self.trpay_sent and not refs.get("left")
        if self.provider_id.trpay_flow != CHOICE or self.operation == "validation" or not is_open:
            return ""
        return {"card_3d": "card_2d", "card_2d": "card_3d"}.get(refs.get("flow"), "")

    def _trpay_switch_flow(self, flow):
        """Let the customer pay by card in the other way.

        :param str flow: The one that they want: asked for twice, it stays.
        """
        self._trpay_lock()
        if flow and flow == self._trpay_other_flow():
            self.trpay_refs |= self._trpay_plan_flow(with_3d_secure=flow == "card_3d")

    def _trpay_plan_flow(self, *, with_3d_secure):
        provider = self.provider_id
        return {
            "flow": "card_3d" if with_3d_secure else "card_2d",
            "resumed": with_3d_secure and provider.trpay_resumes and provider.trpay_asks_again,
        }

    def _trpay_leave(self):
        """Let the browser send the card to the PSP, once: from then on only the PSP can charge it.

        :return: Whether it may.
        :rtype: bool
        """
        self._trpay_lock()
        entry = self._trpay_card_entry()
        if (self.trpay_refs or {}).get("left") or not entry or not entry.url:
            return False
        if self._trpay_end_if_not_owed(lock=True):
            return False
        self.trpay_refs = self.trpay_refs | {"left": True}
        return True

    def _trpay_may_try(self, address):
        """Whether somebody at that address may try a card without 3D Secure, or tried too many.

        :param str address: An IP address, which is not kept as such.
        :rtype: bool
        """
        payer = payment_utils.generate_access_token("payer", address, env=self.env)
        self.trpay_refs = (self.trpay_refs or {}) | {"payer": payer}
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                SELECT count(*)
                  FROM payment_transaction
                 WHERE provider_id = %s AND state = 'error' AND last_state_change > %s
                   AND trpay_refs->>'payer' = %s
                """,
                self.provider_id.id,
                fields.Datetime.now() - const.REFUSED_CARDS_WINDOW,
                payer,
            )
        )
        return self.env.cr.fetchone()[0] < const.MOST_REFUSED_CARDS

    def _trpay_charge(self, card, installments):
        """Charge a card on this server, once: what was sent is on record before it is sent.

        :param Card|StoredCard card: As its holder typed it, or as the PSP keeps it.
        :param int installments: In how many parts; 1 for a single payment.
        """
        self._trpay_lock()
        is_at_the_psp = (self.trpay_refs or {}).get("left")
        if self.state != "draft" or self.trpay_sent or is_at_the_psp:
            return
        if self._trpay_end_if_not_owed(lock=True):
            return
        checkout = self._trpay_checkout()
        self.trpay_sent = fields.Datetime.now()
        self.trpay_installments = installments
        self._trpay_plan_inquiry()
        self._trpay_commit()
        try:
            outcome = self._trpay_gateway().pay(self._trpay_order(), checkout, card, installments)
        except (GatewayError, TransportError) as error:
            conclude = partial(self._trpay_note_refused_charge, error)
        else:
            values = self._trpay_store_paid(outcome, card)
            conclude = partial(self._trpay_conclude_charge, outcome, values)
        retrying(conclude, self.env)  # The answer is here: a busy row must not cost us it.

    def _trpay_store_paid(self, outcome, card):
        """Have a card stored that has just paid, if its holder wants that.

        :return: The values of its token, if the PSP keeps it.
        :rtype: dict|None
        """
        if not self.tokenize or outcome.state not in (State.PAID, State.AUTHORIZED):
            return None
        try:
            return self._trpay_store(card)
        except (GatewayError, TransportError) as error:
            _logger.warning("%s: paid, but its card is not stored: %s", self.reference, error)
            return None

    def _trpay_conclude_charge(self, outcome, values):
        """Make the answer true, and the token with it, whoever settled the payment meanwhile."""
        if values:
            self._trpay_lock()
            self.trpay_new_token = values
        self._trpay_settle(outcome)
        if self.trpay_new_token and self.state in const.SETTLED:
            self._tokenize({"outcome": outcome})

    def _trpay_note_refused_charge(self, error):
        """Only a refusal is a failure: without an answer, the PSP is asked what became of it."""
        self._trpay_lock()
        self.trpay_provider_message = self._trpay_for_staff().provider_id._trpay_explain(error)
        if isinstance(error, GatewayError):
            self._set_error(self._trpay_sentence(error))
            if error.reason in const.OWNER_REASONS:
                self._trpay_alert(self.trpay_provider_message)
        else:
            self._set_pending()

    # === INSTALMENTS === #

    def _trpay_describe_charge(self):
        """What the customer's card was charged, if that is not just the amount.

        :rtype: str
        """
        is_captured_in_part = "cancel" in self._trpay_parts().mapped("state")
        if self.state != "done" or is_captured_in_part or self.trpay_surcharge <= 0:
            return ""
        total = self.currency_id.format(self.amount + self.trpay_surcharge)
        surcharge = self.currency_id.format(self.trpay_surcharge)
        if self.trpay_installments <= 1:
            return self.env._(
                "Your card was charged %(total)s: %(surcharge)s on top of the amount.",
                total=total,
                surcharge=surcharge,
            )
        return self.env._(
            "Your card was charged %(total)s in %(count)s instalments: %(surcharge)s on top of the"
            " amount.",
            total=total,
            count=self.trpay_installments,
            surcharge=surcharge,
        )

    def _trpay_describe_plans(self, card_bin):
        """What a card's holder can choose from.

        :param str card_bin: The card's first digits.
        :rtype: list[dict]
        """
        single = [self._trpay_describe_plan(Plan(1, self._trpay_money(self.amount)))]
        entry = len(card_bin) >= 6 and self._trpay_card_entry()
        lookups = (self.trpay_refs or {}).get("lookups", 0)
        if not entry or len(entry.choices) < 2 or lookups >= const.MOST_LOOKUPS:
            return single
        self.trpay_refs = self.trpay_refs | {"lookups": lookups + 1}
        try:
            plans = self._trpay_gateway().installments(self._trpay_money(self.amount), card_bin)
        except (GatewayError, TransportError):
            _logger.warning("%s: no instalments can be offered", self.reference)
            return single
        return [
            self._trpay_describe_plan(plan, entry.names)
            for plan in plans
            if plan.installments in entry.choices
        ]

    def _trpay_describe_plan(self, plan, names=()):
        """One of them, in words.

        :param Plan plan: A way to pay.
        :param names: How the receiver of the card calls what of the plan goes with it.
        :return: Its `count`, its `label` in the list, the words of the button to `pay` so, and the
            `fields` that go with the card.
        :rtype: dict
        """
        count, total = plan.installments, plan.total.major
        shown = self.currency_id.format(float(total))
        label = self.env._("Single payment: %s", shown)
        if count > 1:
            label = self.env._(
                "%(count)s instalments of %(part)s: %(total)s",
                count=count,
                part=self.currency_id.format(float(total / count)),
                total=shown,
            )
        fields = {}
        if plan.maturity:
            terms = {"maturity": plan.maturity, "frequency": plan.frequency}
            label = self.env._(
                "%(way)s (maturity period %(maturity)s, payment frequency %(frequency)s)",
                way=label,
                **terms,
            )
            fields = {dict(names).get(name, f"card_{name}"): terms[name] for name in terms}
        pay = self.env._("Pay %s", shown)
        return {"count": count, "label": label, "pay": pay, "fields": fields}
