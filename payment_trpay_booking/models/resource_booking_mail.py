"""What customers are told about their appointments, and in which words."""

import vobject

from odoo import api, models
from odoo.tools import format_datetime


class ResourceBooking(models.Model):
    _inherit = "resource.booking"

    def _deposit_notify(self, event, amount=0):
        """Mail the customer at once, in their language; with a calendar file once it is sure."""
        template = self.env.ref(f"payment_trpay_booking.mail_{event}")
        values = {"attachment_ids": [self._calendar_file().id]} if event == "confirmed" else {}
        template.with_context(deposit_sum=amount, deposit_site=self.get_base_url()).send_mail(
            self.id, email_values=values, email_layout_xmlid="mail.mail_notification_light"
        )
        self.env["ir.cron"]._trpay_wake("mail.ir_cron_mail_scheduler_action")

    def action_ask_for_balance(self):
        """Mail a link to pay the rest."""
        self.check_access("write")
        for booking in self.filtered("deposit_balance"):
            booking._deposit_notify("balance_due")

    # === FROM WHERE AND WHOM === #

    def _deposit_site(self):
        """The website it was booked on; empty if none, or if it is gone."""
        if "website" not in self.env:
            return self.browse()
        return self.env["website"].sudo().browse(self.deposit_website).exists()

    def get_base_url(self):
        """Override of `base`: the customer goes back to the website of the booking.

        What staff booked has none: there it is a website of its company, if that has any.
        """
        if not self:
            return super().get_base_url()
        return (self._deposit_site() or self._deposit_company()).get_base_url()

    def _mail_get_companies(self, default=False):
        """Override of `mail`: a service may be of several companies, a booking is of one."""
        return {booking.id: booking._deposit_company() or default for booking in self}

    def _deposit_lang(self):
        """The customer's language, or else the website's, if that does not speak it.

        :rtype: str
        """
        site, lang = self._deposit_site(), self.partner_id.lang
        if not site or lang in site.language_ids.mapped("code"):
            return lang or self._deposit_company().partner_id.lang
        return site.default_lang_id.code

    def _calendar_content(self):
        """The appointment for its customer's calendar, with the way back to its page.

        :rtype: bytes
        """
        content = self.meeting_id.sudo()._get_ics_file()[self.meeting_id.id]
        calendar = vobject.readOne(content.decode())
        calendar.vevent.add("url").value = self.get_base_url() + self.get_portal_url()
        return calendar.serialize().encode()

    def _calendar_file(self):
        return self.env["ir.attachment"].create(
            {
                "name": "invite.ics",
                "mimetype": "text/calendar",
                "raw": self._calendar_content(),
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    # === IN WHICH WORDS === #

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


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _replace_local_links(self, html, base_url=None):
        """Override of `mail`, whose layouts know no other website than that of the database."""
        return super()._replace_local_links(html, base_url or self.env.context.get("deposit_site"))
