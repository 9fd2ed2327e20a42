"""Paying for something of ours: everything but the choice of how to pay comes from the server."""

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.payment.controllers.portal import PaymentPortal

from .pay import is_own

# What a customer may say. Core's whitelist has amount and landing page, too.
CHOICES = {"provider_id", "payment_method_id", "token_id", "flow", "tokenization_requested"}


class Offer:
    """A document that is to be paid, and how its visitor may pay.

    :param document: Its record, as the visitor's superuser.
    :param res.partner partner: Who pays.
    :param dict options: The `providers_sudo` and `payment_methods_sudo` that fit, and why others
                         do not (`availability_report`).
    """

    def __init__(self, document_sudo, partner, amount, currency, options):
        self.document_sudo = document_sudo
        self.partner = partner
        self.amount = amount
        self.currency = currency
        self.options = options

    @property
    def is_own(self):
        return is_own(self.partner)

    @property
    def tokens_sudo(self):
        tokens_sudo = request.env["payment.token"].sudo()
        if not self.is_own:
            return tokens_sudo
        return tokens_sudo._get_available_tokens(
            self.options["providers_sudo"].ids, self.partner.id
        )

    def has(self, choices):
        """Whether the visitor may pay as they chose."""
        if choices["flow"] == "token":
            return any(
                (token.id, token.provider_id.id) == (choices["token_id"], choices["provider_id"])
                for token in self.tokens_sudo
            )
        return (
            choices["flow"] in ("redirect", "direct")
            and choices["provider_id"] in self.options["providers_sudo"].ids
            and choices["payment_method_id"] in self.options["payment_methods_sudo"].ids
        )


class StoredCardPortal(PaymentPortal):
    @staticmethod
    def _compute_show_tokenize_input_mapping(providers_sudo, **kwargs):
        """Override of `payment` to let nobody save a card who is not logged in."""
        shown = PaymentPortal._compute_show_tokenize_input_mapping(providers_sudo, **kwargs)
        if request.env.user._is_public():
            shown.update((provider.id, False) for provider in providers_sudo if provider.is_trpay)
        return shown


class OfferPortal(PaymentPortal):
    def _take_offer(self, offer, choices, **create_values):
        """Create a transaction and return what the payment form needs to go on.

        :param Offer offer: What is paid for.
        :param dict choices: The values of core's payment form, of which only some count.
        :param dict create_values: Of the transaction.
        :return: The processing values of the transaction.
        :rtype: dict
        :raise UserError: If that way to pay is not offered, in the customer's words.
        """
        self._validate_transaction_kwargs(choices)
        choices = {name: choices.get(name) for name in CHOICES}
        if not offer.has(choices):
            raise UserError(request.env._("This way to pay is not offered. Please choose another."))
        choices["tokenization_requested"] = bool(choices["tokenization_requested"] and offer.is_own)
        tx_sudo = self._create_transaction(
            **choices,
            amount=offer.amount,
            currency_id=offer.currency.id,
            partner_id=offer.partner.id,
            landing_route=offer.document_sudo.get_portal_url(),
            custom_create_values=create_values,
        )
        return tx_sudo._get_processing_values()

    def _show_offer(self, offer, transaction_route):
        """What core's payment form needs to know.

        :param Offer offer: What is paid for.
        :param str transaction_route: Where a choice is sent to.
        :rtype: dict
        """
        access_token = offer.document_sudo.access_token
        may_store = self._compute_show_tokenize_input_mapping(offer.options["providers_sudo"])
        return {
            **offer.options,
            "amount": offer.amount,
            "currency": offer.currency,
            "partner_id": offer.partner.id,
            "tokens_sudo": offer.tokens_sudo,
            "show_tokenize_input_mapping": {
                provider_id: shown and offer.is_own for provider_id, shown in may_store.items()
            },
            "transaction_route": transaction_route,
            "landing_route": offer.document_sudo.get_portal_url(),
            "access_token": access_token,
            **self._get_extra_payment_form_values(access_token=access_token),
        }

    def _get_document(self, model, document_id, access_token):
        """The document, for whoever holds its link or may read it anyway; nothing for others.

        Core hands it out as the superuser's, to whom providers are offered that are not published.
        """
        if not isinstance(access_token, str) or not access_token.isascii():
            access_token = None  # No comparison in constant time takes anything else.
        try:
            document_sudo = self._document_check_access(model, document_id, access_token)
        except (AccessError, MissingError):
            return None
        return document_sudo.with_user(request.env.user).sudo()
