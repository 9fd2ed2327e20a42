"""Services: what can be booked on the website, for how much, and on which terms."""

from datetime import timedelta

from pytz import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError


class ResourceBookingType(models.Model):
    _name = "resource.booking.type"
    _inherit = ["resource.booking.type", "image.mixin"]
    _order = "sequence, name"

    sequence = fields.Integer(default=10)
    is_published = fields.Boolean(
        string="On the Website", help="Customers can book it at /book.", copy=False
    )
    public_description = fields.Text(
        string="Description", help="What customers read before they book.", translate=True
    )
    currency_id = fields.Many2one(comodel_name="res.currency", compute="_compute_currency_id")
    price = fields.Monetary(help="The whole price, taxes included.")
    deposit_policy_id = fields.Many2one(
        help="Empty: the company's first policy.",
        comodel_name="deposit.policy",
        domain="[('company_id', '=', company_id)]",
        check_company=True,
    )

    _slot_duration_positive = models.Constraint(
        "CHECK(NOT is_published OR slot_duration > 0)", "How far are its times apart?"
    )
    _duration_range = models.Constraint(
        "CHECK(NOT is_published OR (duration > 0 AND duration <= 744))",
        "It must take some time, and at most a month.",
    )
    _modifications_deadline_range = models.Constraint(
        "CHECK(NOT is_published OR (modifications_deadline BETWEEN 0 AND 8760))",
        "The modifications deadline must be between 0 and 8760 hours (a year).",
    )
    _price_positive = models.Constraint("CHECK(price >= 0)", "A price cannot be negative.")

    @api.depends("company_id")
    def _compute_currency_id(self):
        for service in self:
            service.currency_id = (service.company_id or self.env.company).currency_id

    def write(self, vals):
        """Override: what was paid in a currency stays in it."""
        if "company_id" in vals:
            company = self.env["res.company"].browse(vals["company_id"])
            moved = self.filtered("company_id").filtered(lambda one: one.company_id != company)
            if booked := moved._find_bookings([("deposit_stage", "!=", False)]).type_id:
                name = booked[0].name
                raise UserError(
                    self.env._("%s has appointments. Copy it for the other company.", name)
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        """The appointments would go with it, and what was paid for them."""
        self._find_bookings([])._unlink_except_paid()

    def _find_bookings(self, domain):
        bookings_sudo = self.env["resource.booking"].sudo().with_context(active_test=False)
        return bookings_sudo.search([("type_id", "in", self.ids), *domain])

    def _get_deposit_policy(self):
        """The policy that holds for this service, its own or the company's."""
        self.ensure_one()
        company = self.company_id or self.env.company
        policies = self.env["deposit.policy"].sudo()
        return self.sudo().deposit_policy_id or policies._get_default(company)

    def _freeze_terms(self):
        """The terms that a customer who books now agrees to."""
        return self._get_deposit_policy()._freeze(self.price, self.currency_id)

    def _get_free_slots(self, start, stop):
        """The times at which the service can be booked.

        :param datetime start: The first moment of interest, with a time zone.
        :param datetime stop: The end, exclusive.
        :return: Beginnings of free slots in their order, in the time zone of `start`.
        :rtype: list[datetime]
        """
        self.ensure_one()
        if not self.active:
            return []
        booking = self.env["resource.booking"].new({"type_id": self.id, "duration": self.duration})
        zone = timezone(self.resource_calendar_id.tz)  # Days begin at the clinic's midnight.
        by_day = booking.with_context(tz=zone.zone, using_portal=True)._get_available_slots(
            start.astimezone(zone), stop.astimezone(zone) + timedelta(hours=self.duration)
        )
        slots = (slot for slots in by_day.values() for slot in slots)
        return sorted(slot.astimezone(start.tzinfo) for slot in slots if start <= slot < stop)
