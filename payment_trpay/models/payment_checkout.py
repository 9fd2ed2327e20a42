"""Who pays and from which website: what the PSP is told beside the order."""

import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from werkzeug.urls import iri_to_uri

from odoo import models
from odoo.http import request
from odoo.tools import email_normalize

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..gateways import contact
from ..gateways.base import Checkout, Contact


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_checkout(self):
        provider, company = self.provider_id, self.company_id
        return_url = urljoin(self._trpay_site(), self._trpay_route("return"))
        return Checkout(
            customer=self._trpay_customer(),
            shop=self._trpay_shop(),
            ip=self._trpay_customer_ip(),
            description=f"{company.name} {self.reference[: -const.REFERENCE_SUFFIX_LENGTH]}",
            return_url=return_url,
            cancel_url=return_url,
            lang="tr" if (self.env.lang or "tr").startswith("tr") else "en",
            minutes=self._deposit_limit_minutes(provider.trpay_minutes),
            max_installments=int(provider.trpay_max_installments),
            installments=self.trpay_installments,
            embedded=provider.trpay_page == "embedded",
            flow=(self.trpay_refs or {}).get("flow") or provider._trpay_first_flow(),
            items=self._trpay_items(),
            stored_card=self._trpay_stored_card(),
            identity=re.sub(r"\D", "", self.partner_id.commercial_partner_id.vat or ""),
        )

    def _trpay_customer(self):
        """Who pays: name, e-mail and phone as they were when the payment was made.

        :rtype: Contact
        """
        return replace(
            _contact_of(self.partner_id),
            name=self.partner_name or self.partner_id.display_name or "",
            email=self.partner_email or "",
            phone=self.partner_phone or "",
        )

    def _trpay_shop(self):
        """Who is asked in the customer's place. Its e-mail address is one of its own.

        :rtype: Contact
        """
        shop = _contact_of(self.company_id.partner_id)
        host = urlsplit(self.get_base_url()).hostname
        return replace(shop, email=contact.email(shop.email) or f"noreply@{host}")

    def _trpay_customer_ip(self):
        """Where the customer's browser is, as this server sees it. Only tests have another one.

        :return: Empty if staff charge a saved card: theirs is not the customer's.
        """
        if self.operation == "offline":
            return ""
        return payment_utils.get_customer_ip_address() if self.is_live else const.TEST_CUSTOMER_IP

    def _trpay_site(self):
        """The website that the customer is on, whose session knows them, or that of the payment."""
        return iri_to_uri(request.httprequest.url_root if request else self.get_base_url())

    def get_base_url(self):
        """Override of `base`: the website of what is paid, which may be one of several."""
        if not self:
            return super().get_base_url()
        self_sudo = self.sudo()
        paid_for = [*self_sudo._deposit_document(), *self_sudo._trpay_documents()]
        return paid_for[0].get_base_url() if paid_for else super().get_base_url()


def _contact_of(partner):
    """A partner in the words of the gateways.

    :rtype: Contact
    """
    country = partner.country_id.with_context(lang="en_US")
    return Contact(
        name=partner.name or "",
        email=email_normalize(partner.email or "", strict=False) or "",
        phone=partner.phone or "",
        street=partner.street or "",
        street2=partner.street2 or "",
        city=partner.city or "",
        state=partner.state_id.name or "",
        postcode=partner.zip or "",
        country=country.code or "",
        country_name=country.name or "",
    )
