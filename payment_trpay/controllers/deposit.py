"""Paying for a booking."""

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request, route

from .. import const
from .offer import Offer, OfferPortal
from .private import private


class DepositPortal(OfferPortal):
    @route(const.DEPOSIT_ROUTE, type="jsonrpc", auth="public", website=True, sitemap=False)
    @private
    def deposit_transaction(self, model, document_id, purpose, access_token=None, **kwargs):
        """Create a transaction for a booking and return what the payment form needs.

        :param str model: A model with the deposit mixin and a portal page.
        :param int document_id: The booking.
        :param str purpose: What is paid, one of those that are payable now.
        :param str access_token: The token of the booking's link.
        :param dict kwargs: The values of core's payment form, of which only the choice of provider
                            and method counts.
        :return: The processing values of the transaction.
        :rtype: dict
        :raise UserError: If there is nothing to pay any more, in the customer's words.
        """
        document_sudo = self._get_deposit_document(model, document_id, access_token)
        document_sudo._deposit_renew()
        if not document_sudo._deposit_payable().get(purpose):
            raise UserError(request.env._("There is nothing to pay, or a payment is on its way."))
        return self._take_offer(
            self._get_deposit_offer(document_sudo, purpose),
            kwargs,
            deposit_res_model=document_sudo._name,
            deposit_res_id=document_sudo.id,
            deposit_purpose=purpose,
        )

    def _get_deposit_values(self, document_sudo, purpose):
        """What core's payment form needs to know to take a payment for a booking."""
        return self._show_offer(
            self._get_deposit_offer(document_sudo, purpose),
            f"/deposit/{document_sudo._name}/{document_sudo.id}/{purpose}/transaction",
        )

    def _get_deposit_offer(self, document_sudo, purpose):
        amount = document_sudo._deposit_payable()[purpose]
        return Offer(
            document_sudo,
            document_sudo._deposit_partner(),
            amount,
            document_sudo.deposit_currency_id,
            document_sudo._deposit_payment_options(amount),
        )

    def _get_deposit_document(self, model, document_id, access_token):
        models_ = request.env.registry.descendants(["deposit.mixin"], "_inherit")
        if model not in models_ or request.env[model]._abstract:
            raise NotFound()
        document_sudo = self._get_document(model, document_id, access_token)
        if not document_sudo:
            raise NotFound()
        return document_sudo
