"""What customers are told about their appointments, and in which words."""

from odoo import models
from odoo.tools import format_datetime


class ResourceBooking(models.Model):
    _inherit = "resource.booking"

    def _deposit_notify(self, event, amount=0):
        """Mail the customer at once, in their language; with a calendar file once it is sure."""
        template = self.env.ref(f"payment_trpay_booking.mail_{event}")
        values = {"attachment_ids": [self._calendar_file().id]} if event == "confirmed" else {}
        template.with_context(deposit_sum=amount).send_mail(
            self.id, email_values=values, email_layout_xmlid="mail.mail_notification_light"
        )
        self.env["ir.cron"]._trpay_wake("mail.ir_cron_mail_scheduler_action")

    def action_ask_for_balance(self):
        """Mail a link to pay the rest."""
        self.check_access("write")
        for booking in self.filtered("deposit_balance"):
            booking._deposit_notify("balance_due")

    def _calendar_file(self):
        content = self.meeting_id.sudo()._get_ics_file()[self.meeting_id.id]
        return self.env["ir.attachment"].create(
            {
                "name": "invite.ics",
                "mimetype": "text/calendar",
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _deposit_tell(self, moment):
        """A time in the clinic's time zone and the reader's language."""
        if not moment:
            return ""
        return format_datetime(
            self.env,
            moment,
            tz=self.type_id.resource_calendar_id.tz,
            dt_format="EEEE d MMMM y, HH:mm",
        )

    def _deposit_tell_amount(self, amount):
        return self.deposit_currency_id.format(amount)
