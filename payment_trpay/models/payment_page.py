"""Which addresses the customer's browser may be sent to."""

from odoo import models

from ..gateways.base import GatewayError, plain


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_may_show(self, *urls):
        """Whether addresses are the PSP's, or those of our own forms, when they are used.

        If one is not, the customer goes nowhere: the payment ends, and staff are told.

        :param str urls: Those of a page and what belongs to it; an empty one leads nowhere.
        :rtype: bool
        """
        self.ensure_one()
        own = self._trpay_route("card"), self._trpay_route("installments")
        foreign = [url for url in urls if url and url not in own]
        try:
            gateway = foreign and self._trpay_gateway()
        except GatewayError as error:
            self._trpay_fail_to_start(error)
            return False
        strange = [plain(url) for url in foreign if not gateway.may_show(url)]
        if strange:
            self._trpay_lock()
            tx = self._trpay_for_staff()
            tx._trpay_alert(
                tx.env._(
                    "The customer was not sent to %(address)s: that is no known address of"
                    " %(provider)s. If its pages have moved, this app needs an update.",
                    address=", ".join(strange),
                    provider=self.provider_id.name,
                )
            )
            self._set_error(
                self.env._(
                    "The page of %s cannot be shown. Please choose another way to pay, or contact"
                    " us.",
                    self.provider_id.name,
                )
            )
        return not strange
