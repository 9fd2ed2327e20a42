"""Cards that a PSP keeps for their holders: what is known of one, and how it is deleted."""

import logging
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import GatewayError, StoredCard
from ..gateways.transport import TransportError

_logger = logging.getLogger(__name__)

LAST_DIGITS = 4


class PaymentToken(models.Model):
    _name = "payment.token"
    _inherit = ["payment.token", "inquiry.mixin"]

    trpay_customer = fields.Char(
        string="Customer Number",
        help="By which the provider knows the card's holder",
        readonly=True,
        groups="base.group_system",
    )
    trpay_card_number = fields.Char(string="Card", readonly=True)
    trpay_expires = fields.Date(string="Valid Until", readonly=True)
    trpay_is_live = fields.Boolean(string="Live", help="Whether it is no test card", readonly=True)
    trpay_deletion = fields.Selection(
        string="At the Provider",
        selection=[("due", "About to be deleted"), ("done", "Deleted")],
        help="Empty: the provider keeps the card.",
        readonly=True,
        index="btree_not_null",
    )

    def _is_trpay(self):
        return self.provider_code in GATEWAYS

    def _trpay_card(self):
        """This card, in the words of the gateways.

        :rtype: StoredCard
        """
        return StoredCard(
            token=self.provider_ref,
            customer=self.trpay_customer,
            number=self.trpay_card_number or "",
        )

    def _trpay_gateway(self):
        """The PSP as it was when it stored this card: for tests or in earnest."""
        return self.provider_id._trpay_gateway(test=not self.trpay_is_live)

    @api.model
    def _trpay_values(self, card, month, year, *, is_live):
        """What is kept of a card that the PSP has just stored.

        :param StoredCard card: The card.
        :param str month: Of its expiry, two digits.
        :param str year: Likewise, four digits.
        :param bool is_live: Whether it is no test card.
        """
        return {
            "provider_ref": card.token,
            "trpay_is_live": is_live,
            "trpay_customer": card.customer,
            "trpay_card_number": card.number,
            "payment_details": card.number[-LAST_DIGITS:],
            "trpay_expires": fields.Date.to_string(self._trpay_last_day(month, year)),
        }

    @staticmethod
    def _trpay_last_day(month, year):
        """The last day on which a card is good.

        :param str month: Of its expiry, two digits.
        :param str year: Likewise, four digits.
        :rtype: date
        """
        return fields.Date.end_of(date(int(year), int(month), 1), "month")

    # === OVERRIDES === #

    def _build_display_name(self, *args, max_length=34, should_pad=True, **kwargs):
        """Override of `payment` to say until when a card is good, where there is room for it."""
        name = super()._build_display_name(
            *args, max_length=max_length, should_pad=should_pad, **kwargs
        )
        until = self.trpay_expires and f" ({self.trpay_expires:%m/%y})"
        return f"{name}{until}" if until and len(name + until) <= max_length else name

    def _get_available_tokens(self, providers_ids, partner_id, is_validation=False, **kwargs):
        """Override of `payment` to offer cards to who is logged in only, while they are good.

        Whoever has the link of an order may pay it, but not with the cards of its customer.
        """
        tokens = super()._get_available_tokens(
            providers_ids, partner_id, is_validation=is_validation, **kwargs
        )
        if is_validation:
            return tokens
        return tokens.filtered(lambda token: not token._is_trpay() or token._trpay_is_usable())

    def _trpay_is_usable(self):
        """Whether it can pay now; not if its holder was archived: that calls for a question."""
        is_good = not self.trpay_expires or self.trpay_expires >= fields.Date.context_today(self)
        is_of_now = self.trpay_is_live == (self.provider_id.state == "enabled")
        is_there = self.sudo().partner_id.active
        return is_good and is_of_now and is_there and not self.env.user._is_public()

    def write(self, vals):
        """Override of `payment` to refuse what would bring a deleted card back."""
        if vals.get("active") and any(self.mapped("trpay_deletion")):
            raise UserError(
                self.env._("The provider has deleted this card. Its holder has to enter it again.")
            )
        return super().write(vals)

    def _handle_archiving(self):
        """Override of `payment` to have the PSP delete the card, too."""
        self.filtered(lambda token: token._is_trpay())._trpay_forget()
        return super()._handle_archiving()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_by_provider(self):
        if any(token._is_trpay() and token.trpay_deletion != "done" for token in self):
            raise UserError(
                self.env._("The provider keeps this card. Archive it, and it is deleted there.")
            )

    # === BUSINESS METHODS === #

    def _trpay_supersede(self):
        """Archive what the holder saved earlier of the same card."""
        older = self.search(
            [
                ("id", "!=", self.id),
                ("provider_id", "=", self.provider_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("trpay_card_number", "=", self.trpay_card_number),
                ("trpay_expires", "=", self.trpay_expires),
            ]
        )
        older.active = False

    def _trpay_forget(self):
        """Have the PSP delete these cards as soon as this is committed."""
        if kept := self.filtered(lambda token: not token.trpay_deletion):
            kept.write({"trpay_deletion": "due"})
            for token in kept:
                token._trpay_inquire_soon()

    def _trpay_forget_now(self):
        """Let the PSP delete this card, as often as it takes.

        A test card need not be: its keys are good no more once the provider's were replaced.
        """
        if not self._trpay_is_kept_by_another():
            try:
                self._trpay_gateway().forget(self._trpay_card())
            except (GatewayError, TransportError) as error:
                _logger.warning("%s: not deleted at the provider: %s", self, type(error).__name__)
                if self.trpay_is_live or isinstance(error, TransportError):
                    self.trpay_next_inquiry = fields.Datetime.now() + const.DELETION_PAUSE
                    return
        self.write(
            {
                "trpay_deletion": "done",
                "trpay_next_inquiry": False,
                "trpay_customer": False,
                "trpay_expires": False,
            }
        )

    def _trpay_is_kept_by_another(self):
        """Whether the holder saved the card again, and the PSP gave it the same name."""
        kept = [
            ("id", "!=", self.id),
            ("trpay_deletion", "=", False),
            ("provider_id", "=", self.provider_id.id),
            ("provider_ref", "=", self.provider_ref),
        ]
        return bool(self.search_count(kept, limit=1))

    def _trpay_is_stored(self):
        """Whether the PSP still has the card; if it does not answer, it is believed to."""
        card = self._trpay_card()
        try:
            stored = self._trpay_gateway().stored_cards(card.customer)
        except (GatewayError, TransportError):
            return True
        return card.token in {other.token for other in stored}

    def action_trpay_renew(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Expiry Date"),
            "res_model": "trpay.card.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_token_id": self.id},
        }
