from odoo.fields import Command

from odoo.addons.payment_trpay.gateways.base import Outcome, State
from odoo.addons.payment_trpay.tests.common_platformode import PlatformodeCommon

ENDED = {"capture": "Completed", "void": "Failed"}


class CaptureCommon(PlatformodeCommon):
    """An order of 2,290 lira, whose customer's card is to be reserved first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False  # What is paid is booked, as in real life.
        cls.env.company.currency_id = cls.lira

    def setUp(self):
        super().setUp()
        self.order = self._order(2290, require_payment=True, prepayment_percent=1)

    def _reserved(self, **values):
        """A payment that is reserved, and so has confirmed the order."""
        tx = self._pay(
            **{
                "amount": 2290,
                "sale_order_ids": [Command.set(self.order.ids)],
                "trpay_refs": {"hold": True},
            }
            | values
        )
        tx._trpay_settle(Outcome(state=State.AUTHORIZED, amount=tx._trpay_money(tx.amount)))
        tx._post_process()
        return tx

    def _end(self, errand):
        """Let Platformode capture or let go, and the cron run."""
        status = ENDED[errand.trpay_hold_end]
        answer = {"status_code": 100, "transaction_status": status, "order_id": "1"}
        self._find_out(errand, confirmPayment=answer)
        return self._book(errand.source_transaction_id)

    def _book(self, tx):
        changed = (tx.child_transaction_ids | tx).filtered(lambda tx: not tx.is_post_processed)
        for each in changed:
            each._post_process()
        return tx
