"""Paying with a card that the PSP keeps, and letting it keep one."""

from datetime import datetime
from functools import partial

from odoo import fields, models
from odoo.service.model import retrying

from .. import const
from ..gateways.base import GatewayError, Outcome, State, StoredCard


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === PAYING WITH ONE === #

    def _send_payment_request(self):
        """Override of `payment` to charge a stored card whose holder is not there.

        Customers who are there go on at our start route, once their order is in the books: they
        choose instalments, and their bank may ask them to confirm.
        """
        if not self._is_trpay():
            return super()._send_payment_request()
        if self.operation == "offline":
            if self.token_id.partner_id.active:
                self.trpay_refs = {"flow": "card_2d", "hold": self.provider_id.capture_manually}
                self._trpay_charge(self._trpay_stored_card(), 1)
            else:
                self._trpay_refuse_archived()
            if self.state not in const.SETTLED:
                self._trpay_tell_who_charged()
        return None

    def _trpay_refuse_archived(self):
        """Whoever was archived may not want to pay any more: ask them first."""
        self._set_error(
            self.env._(
                "%s was archived, so the saved card was not charged. Ask the customer, and restore"
                " the contact to charge it.",
                self.token_id.partner_id.display_name,
            )
        )

    def _trpay_tell_who_charged(self):
        """Say that nothing was taken: the dialog in which staff charge a card just closes."""
        name, provider = self.token_id.display_name, self.provider_id.name
        if self.state in ("error", "cancel"):
            title = self.env._("%s was not charged", name)
            reason = self.trpay_provider_message or self.state_message
        else:
            title = self.env._("It is not known yet whether %s was charged", name)
            reason = self.trpay_review_reason or self.env._(
                "%s has not answered, and is asked again by itself.", provider
            )
        message = {"title": title, "message": reason, "type": "warning", "sticky": True}
        self.env.user._bus_send("simple_notification", message)

    def _trpay_has_to_go_on(self):
        """Whether a customer chose a stored card, and has not paid with it yet."""
        return (
            self._is_trpay()
            and self.operation == "online_token"
            and self.state == "draft"
            and not self.trpay_page_url
        )

    def _trpay_stored_card(self):
        """The card that this is paid with, if it is one that the PSP keeps.

        :rtype: StoredCard|None
        """
        if self.token_id:
            return self.token_id._trpay_card()
        if not (values := self.sudo().trpay_new_token):
            return None
        return StoredCard(
            token=values["provider_ref"],
            customer=values["trpay_customer"],
            number=values["trpay_card_number"],
        )

    def _trpay_lost_token(self):
        """Whether the saved card is deleted, or its holder archived."""
        token = self.token_id
        return bool(token) and not (token.partner_id.active and token._trpay_is_stored())

    # === LETTING THE PSP KEEP ONE === #

    def _trpay_stores_first(self):
        """Whether the card is stored now, and then paid with, if this pays anything at all.

        Without 3D Secure it is the other way round: only a card that could pay is stored.
        """
        if self.operation == "validation":
            return True
        flow = (self.trpay_refs or {}).get("flow")
        return self.tokenize and flow == "card_3d" and not self.sudo().trpay_new_token

    def _trpay_store_first(self, card):
        """Let the PSP keep a card that is to pay this, once, however often it is sent.

        :param Card card: As its holder typed it.
        :raise GatewayError: If the PSP refuses.
        :raise TransportError: If it does not answer.
        """
        self._trpay_lock()
        refs, now = self.trpay_refs or {}, fields.Datetime.now()
        busy = refs.get("storing") and now - datetime.fromisoformat(refs["storing"])
        if self.trpay_new_token or self.state != "draft" or (busy and busy < const.STORING_TIME):
            return
        self.trpay_refs = refs | {
            "storing": now.isoformat(),
            "stores": refs.get("stores", 0) + 1,
        }
        self._trpay_commit()
        try:
            values = self._trpay_store(card)
        except GatewayError:
            self.trpay_refs = self.trpay_refs | {"storing": False}
            raise
        retrying(partial(self._trpay_keep, values), self.env)

    def _trpay_may_store(self):
        """Whether not too many cards were tried already with this payment."""
        return (self.trpay_refs or {}).get("stores", 0) < const.MOST_REFUSED_CARDS

    def _trpay_store(self, card):
        """Let the PSP keep a card.

        :return: The values of its token.
        :rtype: dict
        """
        stored = self._trpay_gateway().store(card, str(self.partner_id.id), self._trpay_customer())
        return self.env["payment.token"]._trpay_values(
            stored, card.month, card.year, is_live=self.is_live
        )

    def _trpay_keep(self, values):
        self._trpay_lock()
        self.trpay_new_token = values
        if self.operation == "validation":
            self._trpay_settle(Outcome(state=State.PAID))

    def _extract_token_values(self, payment_data):
        """Override of `payment` to return what the PSP said of the card that it keeps."""
        if not self._is_trpay():
            return super()._extract_token_values(payment_data)
        return self.sudo().trpay_new_token or {}

    def _tokenize(self, payment_data):
        """Override of `payment` to have the token's values, and each card, in one place only."""
        result = super()._tokenize(payment_data)
        if self.trpay_new_token:
            self.trpay_new_token = False
            self.token_id._trpay_supersede()
        return result

    def _trpay_accept(self):
        """Override to keep the card, too, that paid what a person accepted."""
        accepted = super()._trpay_accept()
        if self.trpay_new_token:
            self._tokenize({})
        return accepted

    # === NOT KEEPING IT === #

    def _set_error(self, state_message, **kwargs):
        """Override of `payment` to keep no card whose first payment failed."""
        transactions = super()._set_error(state_message, **kwargs)
        transactions._trpay_drop_new_token()
        return transactions

    def _set_canceled(self, *args, **kwargs):
        """Override of `payment`: likewise."""
        transactions = super()._set_canceled(*args, **kwargs)
        transactions._trpay_drop_new_token()
        return transactions

    def _trpay_drop_new_token(self):
        for tx in self.sudo():
            if tx.trpay_new_token:
                owner = {
                    "provider_id": tx.provider_id.id,
                    "payment_method_id": tx.payment_method_id.id,
                    "partner_id": tx.partner_id.id,
                    "active": False,
                }
                tx.env["payment.token"].create(tx.trpay_new_token | owner)._trpay_forget()
                tx.trpay_new_token = False
