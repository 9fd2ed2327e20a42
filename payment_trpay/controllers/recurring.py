"""The page where a customer agrees to recurring payments, and makes the first one."""

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request, route

from .. import const
from ..models import documents
from .offer import Offer, OfferPortal
from .private import private


class RecurringPortal(OfferPortal):
    @route(const.RECURRING_ROUTE, type="http", auth="public", website=True, sitemap=False)
    @private
    def recurring(self, recurring_id, access_token=None, **_kwargs):
        recurring_sudo = self._get_recurring(recurring_id, access_token)
        latest_sudo = recurring_sudo.transaction_ids.sorted("id")[-1:]
        values = {
            "recurring": recurring_sudo,
            "payments": recurring_sudo._paid().sorted("id"),
            "is_payable": recurring_sudo._is_payable(),
            "is_awaited": "pending" in recurring_sudo.transaction_ids.mapped("state"),
            "failed_tx": latest_sudo.filtered(lambda tx: tx.state == "error"),
        }
        if values["is_payable"]:
            values |= self._show_offer(
                self._get_offer(recurring_sudo), f"/my/recurring/{recurring_id}/transaction"
            )
        return request.render("payment_trpay.recurring_page", values)

    @route(
        f"{const.RECURRING_ROUTE}/transaction",
        type="jsonrpc",
        auth="public",
        website=True,
        sitemap=False,
    )
    @private
    def recurring_transaction(self, recurring_id, access_token=None, **kwargs):
        """Create the transaction of the first payment and return what the payment form needs.

        :param int recurring_id: The recurring payments.
        :param str access_token: The token of their link.
        :param dict kwargs: The values of core's payment form, of which only the choice of provider
                            and method counts.
        :return: The processing values of the transaction.
        :rtype: dict
        :raise UserError: If there is nothing to pay any more, in the customer's words.
        """
        recurring_sudo = self._get_recurring(recurring_id, access_token)
        if not recurring_sudo._is_payable():
            raise UserError(request.env._("There is nothing to pay, or a payment is on its way."))
        return self._take_offer(
            self._get_offer(recurring_sudo),
            kwargs,
            trpay_recurring_id=recurring_sudo.id,
            trpay_recurring_number=1,
            **documents.link(recurring_sudo._document()),
        )

    def _get_recurring(self, recurring_id, access_token):
        recurring_sudo = self._get_document("trpay.recurring", recurring_id, access_token)
        if not recurring_sudo:
            raise NotFound()
        return recurring_sudo

    def _get_offer(self, recurring_sudo):
        return Offer(
            recurring_sudo,
            recurring_sudo.partner_id,
            recurring_sudo.amount,
            recurring_sudo.currency_id,
            recurring_sudo._payment_options(),
        )
