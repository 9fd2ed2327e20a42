"""The number of instalments, where it is chosen before the PSP's page is opened."""

from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_plan_choice(self, step):
        """What the customer may choose from, whatever becomes of the provider's settings.

        :param Choice step: What the gateway wants to know.
        :rtype: dict
        """
        return {"choices": list(step.installments)}

    def _trpay_choices(self):
        """The numbers of instalments to choose from, while the customer still has to choose.

        :rtype: list[int]
        """
        is_asked = self.trpay_page_url == self._trpay_route("installments")
        if self.state != "draft" or not is_asked or self._trpay_end_if_not_owed():
            return []
        return (self.trpay_refs or {}).get("choices", [])

    def _trpay_choose(self, count):
        """Open the payment at the PSP with a number of instalments, once.

        :param int count: One of the choices.
        """
        self._trpay_lock()
        if count in self._trpay_choices():
            self.trpay_installments = count
            self._trpay_open()
