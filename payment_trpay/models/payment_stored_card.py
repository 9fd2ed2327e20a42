"""Paying with a card that the PSP keeps, and letting it keep one."""

from odoo import models

from ..gateways.base import Outcome, State, StoredCard


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
            self.trpay_refs = {"flow": "card_2d"}
            self._trpay_charge(self._trpay_stored_card(), 1)
        return None

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
        if not (values := self._trpay_new_token()):
            return None
        return StoredCard(
            token=values["provider_ref"],
            customer=values["trpay_customer"],
            number=values["trpay_card_number"],
        )

    def _trpay_drop_lost_token(self):
        """Archive the token if the PSP has its card no more. Returns whether that is so."""
        token = self.token_id
        if not token or token._trpay_is_stored():
            return False
        token.trpay_deletion = "done"
        token.active = False
        return True

    # === LETTING THE PSP KEEP ONE === #

    def _trpay_new_token(self):
        """What is kept of the card that was stored with this payment, until it is paid."""
        return (self.trpay_refs or {}).get("new_token")

    def _trpay_stores_first(self):
        """Whether the card is stored now, and then paid with, if this pays anything at all.

        Without 3-D Secure it is the other way round: only a card that could pay is stored.
        """
        if self.operation == "validation":
            return True
        flow = (self.trpay_refs or {}).get("flow")
        return self.tokenize and flow == "card_3d" and not self._trpay_new_token()

    def _trpay_store(self, card):
        """Let the PSP keep a card, and remember its token until the payment is made.

        :param Card card: As its holder typed it.
        :raise GatewayError: If the PSP refuses.
        :raise TransportError: If it does not answer.
        """
        stored = self._trpay_gateway().store(
            card,
            str(self.partner_id.id),
            name=self.partner_name or "",
            phone=self.partner_phone or "",
        )
        values = self.env["payment.token"]._trpay_values(stored, card.month, card.year)
        self.trpay_refs = (self.trpay_refs or {}) | {"new_token": values}
        if self.operation == "validation":
            self._trpay_settle(Outcome(state=State.PAID))

    def _extract_token_values(self, payment_data):
        """Override of `payment` to return what the PSP said of the card that it keeps."""
        if not self._is_trpay():
            return super()._extract_token_values(payment_data)
        return self._trpay_new_token() or {}

    def _tokenize(self, payment_data):
        """Override of `payment` to have the token's values, and each card, in one place only."""
        result = super()._tokenize(payment_data)
        if self._trpay_new_token():
            self._trpay_clear_new_token()
            self.token_id._trpay_supersede()
        return result

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
        for tx in self:
            if values := tx._trpay_new_token():
                owner = {
                    "provider_id": tx.provider_id.id,
                    "payment_method_id": tx.payment_method_id.id,
                    "partner_id": tx.partner_id.id,
                    "active": False,
                }
                tx.env["payment.token"].create(values | owner)._trpay_forget()
                tx._trpay_clear_new_token()

    def _trpay_clear_new_token(self):
        self.trpay_refs = {
            name: value for name, value in self.trpay_refs.items() if name != "new_token"
        }
