"""Paying for a booking: everything but the choice of how to pay comes from the server."""

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.payment.controllers.portal import PaymentPortal

from .. import const

# What a customer may say. Core's whitelist has amount and landing page, too.
CHOICES = {"provider_id", "payment_method_id", "flow"}


class DepositPortal(PaymentPortal):
    @route(const.DEPOSIT_ROUTE, type="jsonrpc", auth="public", website=True, sitemap=False)
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
        self._validate_transaction_kwargs(kwargs)
        choices = {name: kwargs.get(name) for name in CHOICES}
        if choices["flow"] not in ("redirect", "direct"):
            raise UserError(request.env._("Please choose how to pay."))
        document_sudo._deposit_renew()
        amount = document_sudo._deposit_payable().get(purpose)
        if not amount:
            raise UserError(request.env._("There is nothing to pay, or a payment is on its way."))
        values = document_sudo._deposit_payment_options(amount)
        if (
            choices["provider_id"] not in values["providers_sudo"].ids
            or choices["payment_method_id"] not in values["payment_methods_sudo"].ids
        ):
            raise UserError(request.env._("This way to pay is not offered. Please choose another."))
        tx_sudo = self._create_transaction(
            **choices,
            token_id=None,
            tokenization_requested=False,
            amount=amount,
            currency_id=document_sudo.deposit_currency_id.id,
            partner_id=document_sudo._deposit_partner().id,
            landing_route=document_sudo.get_portal_url(),
            custom_create_values={
                "deposit_res_model": document_sudo._name,
                "deposit_res_id": document_sudo.id,
                "deposit_purpose": purpose,
            },
        )
        return tx_sudo._get_processing_values()

    def _get_deposit_values(self, document_sudo, purpose, access_token):
        """What core's payment form needs to know to take a payment for a booking."""
        amount = document_sudo._deposit_payable()[purpose]
        options = document_sudo._deposit_payment_options(amount)
        return {
            **options,
            "amount": amount,
            "currency": document_sudo.deposit_currency_id,
            "partner_id": document_sudo._deposit_partner().id,
            "tokens_sudo": request.env["payment.token"],
            "show_tokenize_input_mapping": dict.fromkeys(options["providers_sudo"].ids, False),
            "transaction_route": (
                f"/deposit/{document_sudo._name}/{document_sudo.id}/{purpose}/transaction"
            ),
            "landing_route": document_sudo.get_portal_url(),
            "access_token": access_token,
            **self._get_extra_payment_form_values(access_token=access_token),
        }

    def _get_deposit_document(self, model, document_id, access_token):
        """The booking, for whoever holds its link or may read it anyway.

        Core hands it out as the superuser's, to whom providers are offered that are not published.
        """
        models_ = request.env.registry.descendants(["deposit.mixin"], "_inherit")
        if model not in models_ or request.env[model]._abstract:
            raise NotFound()
        if not isinstance(access_token, str) or not access_token.isascii():
            access_token = None  # No comparison in constant time takes anything else.
        try:
            document_sudo = self._document_check_access(model, document_id, access_token)
        except (AccessError, MissingError) as error:
            raise NotFound() from error
        return document_sudo.with_user(request.env.user).sudo()
