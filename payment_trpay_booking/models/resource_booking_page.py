"""What the pages of the website need to know of services and appointments."""

from datetime import timedelta

from odoo import fields, models


class ResourceBookingType(models.Model):
    _inherit = "resource.booking.type"

    def _can_return_content(self, field_name=None, access_token=None):
        """Override of `base`: everybody may see the picture of a published service."""
        is_picture = bool(field_name) and field_name.startswith("image_")
        if is_picture and len(self) == 1 and self.sudo().is_published:
            return True
        return super()._can_return_content(field_name, access_token)

    def _last_change(self, start):
        """Until when an appointment can be moved or canceled."""
        self.ensure_one()
        return start - timedelta(hours=self.modifications_deadline)


class ResourceBooking(models.Model):
    _inherit = "resource.booking"

    def _compute_access_url(self):
        """Override of `resource_booking`: where there is a deposit, there is a page for it."""
        result = super()._compute_access_url()
        for booking in self.filtered("deposit_stage"):
            booking.access_url = f"/book/appointment/{booking.id}"
        return result

    def _portal_ensure_token(self):
        """Override of `portal`: to make a link is no reason to write to the attendees."""
        quiet = self.with_context(syncing_booking_ids=self.ids)
        return super(ResourceBooking, quiet)._portal_ensure_token()

    def _deposit_is_time_over(self):
        """Whether the time to pay is over, even if nobody has freed the slot yet."""
        deadline = self.deposit_deadline
        return self.deposit_stage == "held" and deadline and deadline <= fields.Datetime.now()

    def _can_be_changed(self):
        """Whether the customer may still move or cancel it."""
        return self.deposit_stage in ("held", "confirmed") and not self.is_overdue
