"""When a PSP is asked about something: as soon as there is a reason, but never without a pause."""

from datetime import timedelta

from odoo import fields, models

from .. import const
from . import rows


class InquiryMixin(models.AbstractModel):
    _name = "inquiry.mixin"
    _inherit = ["guarded.mixin"]
    _description = "Looked Up at the Provider"

    trpay_next_inquiry = fields.Datetime(
        string="Next Inquiry",
        help="When the provider will be asked again",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    trpay_last_inquiry = fields.Datetime(string="Last Inquiry", readonly=True, copy=False)

    def _trpay_inquire_soon(self):
        """Ask at once, or when the pause is over: anybody with the link may come back often."""
        self.ensure_one()
        rests_until, planned = self._trpay_rests_until(), self.trpay_next_inquiry
        if rests_until and planned and planned <= rests_until:
            return
        rows.take(self)  # Whoever comes second starts over, and no error is logged.
        self.trpay_next_inquiry = rests_until or fields.Datetime.now()
        delay = const.WAKING_DELAY + (const.INQUIRY_PAUSE if rests_until else timedelta())
        self.env["ir.cron"]._trpay_wake("payment_trpay.cron_reconcile", delay)

    def _trpay_rests_until(self):
        """When it may be asked again; None if it may be now."""
        last = self.trpay_last_inquiry
        until = last and last + const.INQUIRY_PAUSE
        return until if until and until > fields.Datetime.now() else None
