"""Appointments that a deposit holds and confirms."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, format_datetime
from odoo.tools.date_utils import to_timezone

from odoo.addons.resource_booking.models.resource_booking import _merge_intervals

# Nobody is written to while an appointment is only held, moved or freed; our own mails tell more.
QUIET = {"no_mail_to_attendees": True, "dont_notify": True, "mail_notify_author": False}

# How many appointments of one customer may wait for payment at the same time.
MOST_HELD = 3


class Taken(frozenset):
    """Bookings whose time is not checked again; of a type that no browser can send."""


class ResourceBooking(models.Model):
    _name = "resource.booking"
    _inherit = ["resource.booking", "deposit.mixin"]

    deposit_slot = fields.Datetime(
        string="Chosen Time",
        help="The time that the customer chose, which outlives the meeting.",
        readonly=True,
        copy=False,
    )

    deposit_customer_id = fields.Many2one(
        string="Booked by",
        comodel_name="res.partner",
        help="Who is written to, whoever else attends",
        readonly=True,
        copy=False,
    )
    deposit_company_id = fields.Many2one(
        string="Booked at",
        comodel_name="res.company",
        help="Whose website it was booked on, where several companies offer the service",
        readonly=True,
        copy=False,
    )
    deposit_website = fields.Integer(
        help="The website it was booked on, if any; a number, for there may be no app for websites",
        readonly=True,
        copy=False,
    )
    # A contact that was archived still has its appointment.
    partner_ids = fields.Many2many(context={"active_test": False})
    customer_phone = fields.Char(string="Phone", compute="_compute_customer_phone")

    def _compute_customer_phone(self):
        for booking in self:
            booking.customer_phone = booking.partner_id.phone

    # === WHAT THE DEPOSIT ASKS === #

    def _deposit_company(self):
        return self.type_id.company_id or self.deposit_company_id or self.env.company

    def _deposit_policy(self):
        return self.deposit_policy_id or self.type_id._get_deposit_policy()

    def _deposit_total(self):
        return self.type_id.price

    def _deposit_begins(self):
        if self.deposit_stage == "confirmed":
            return self.start  # None if staff deleted the meeting: another time is to be found.
        return self.start or self.deposit_slot

    def _deposit_subject(self):
        zone, begins = self.type_id.resource_calendar_id.tz, self.start or self.deposit_slot
        moment = format_datetime(self.env, begins, tz=zone, dt_format="short")
        return f"{self.type_id.name}, {moment}"

    def _deposit_reference_prefix(self):
        return f"B{self.id:05}"

    # === WHAT THE DEPOSIT DOES === #

    def _deposit_take(self):
        """Take the chosen time again, with whoever is free."""
        if not self.active or not self.deposit_slot:
            raise UserError(self.env._("This appointment was canceled."))
        if self.deposit_slot <= fields.Datetime.now():
            raise UserError(self.env._("The time of this appointment has passed."))
        if not self.type_id.active:
            raise UserError(self.env._("%s is not offered any more.", self.type_id.name))
        self._take_slot(self.deposit_slot)

    def _deposit_hold(self):
        """Override of `payment_trpay` to remember who booked what, and where."""
        self._deposit_write(
            {
                "deposit_slot": self.start,
                "deposit_customer_id": self.partner_id.id,
                "deposit_company_id": self._deposit_company().id,
                "deposit_website": self.env.context.get("website_id") or self.deposit_website,
            }
        )
        return super()._deposit_hold()

    def _deposit_renew(self):
        """Override of `payment_trpay`: what was released is held anew."""
        if self.deposit_stage == "released":
            self._refuse_hoarding({"partner_id": self.partner_id.id})
        return super()._deposit_renew()

    def _deposit_confirm(self):
        if not self.active:
            raise UserError(self.env._("This appointment was canceled."))
        if not self.meeting_id:  # Staff deleted it.
            self._deposit_take()
        self.env.flush_all()
        self.with_context(**QUIET, deposit_confirming=True).action_confirm()
        self.env.flush_all()  # Whatever conflicts, conflicts here.

    def _deposit_release(self):
        self._free_slot()

    def _deposit_write(self, values):
        """Without the guard every write would move the meeting and mail its attendees."""
        self.sudo().with_context(syncing_booking_ids=self.ids).write(values)

    # === OVERRIDES === #

    @api.depends("deposit_customer_id")
    def _compute_partner_id(self):
        """Override of `resource_booking`: the customer is not the attendee who sorts first."""
        result = super()._compute_partner_id()
        for booking in self:
            if booking.deposit_customer_id in booking.partner_ids:
                booking.partner_id = booking.deposit_customer_id
        return result

    @api.depends("deposit_stage")
    def _compute_state(self):
        """Override of `resource_booking`: what is held for a deposit is not confirmed yet.

        And what was taken once stands, whatever its state follows from.
        """
        taken = self.filtered(lambda booking: booking.deposit_stage or booking.state == "confirmed")
        result = super(
            ResourceBooking, self.with_context(taken_bookings=Taken(taken.ids))
        )._compute_state()
        for booking in self:
            if booking.state == "confirmed" and booking.deposit_stage == "held":
                booking.state = "scheduled"
        return result

    @api.constrains("combination_id", "meeting_id", "type_id")
    def _check_scheduling(self):
        """Override of `resource_booking` to check only what is new: the hours may change later.

        An appointment in a leave that was entered since could neither be canceled nor given back.
        """
        taken = self.env.context.get("taken_bookings")
        is_sure = isinstance(taken, Taken)
        new = self.filtered(lambda booking: not is_sure or booking.id not in taken)
        return super(ResourceBooking, new)._check_scheduling()

    def _prepare_meeting_vals(self):
        """Override of `resource_booking`, whatever of a booking is written: its time may be old.

        A meeting that is given its own time again is checked again, and its chair chosen again.
        """
        values = super()._prepare_meeting_vals()
        meeting = self.meeting_id
        if (meeting.start, meeting.stop) == (self.start, self.stop):
            for name in ("start", "stop", "duration", "resource_booking_ids"):
                del values[name]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        bookings.filtered("start")._lock_resources()
        return bookings

    def write(self, vals):
        if vals.get("active") is False:
            self._refuse_archiving()
        elif vals.get("active"):
            self._refuse_reviving()
        result = super().write(vals)
        if {"start", "combination_id", "meeting_id", "duration", "type_id"} & vals.keys():
            self.filtered("start")._lock_resources()
            self._follow_meeting()
        return result

    def _refuse_archiving(self):
        """Who archives frees the time, and its customer would not know."""
        if kept := self.filtered(lambda booking: booking.deposit_stage in ("held", "confirmed")):
            raise UserError(
                self.env._("Cancel it instead: %s", ", ".join(kept.mapped("display_name")))
            )

    def _refuse_reviving(self):
        """What was paid for it is on its way back, or there already."""
        if ended := self.filtered(lambda booking: booking.deposit_stage == "canceled"):
            raise UserError(
                self.env._("It is canceled. Make a new appointment: %s", ended[0].display_name)
            )

    def action_confirm(self):
        """Override of `resource_booking`: customers pay first, staff may do without."""
        if self.env.context.get("deposit_confirming"):
            return super().action_confirm()
        waiting = self.filtered(lambda booking: booking.deposit_stage in ("held", "released"))
        if self.env.context.get("using_portal"):
            for booking in self.filtered(lambda booking: booking._needs_deposit()):
                booking._deposit_hold()
                waiting += booking
        else:
            for booking in waiting:
                booking._deposit_waive()
        return super(ResourceBooking, self - waiting).action_confirm()

    def action_ask_for_deposit(self):
        """Hold the time that staff chose, say on the phone, until its customer has paid."""
        self.ensure_one()
        if not self.meeting_id:
            raise UserError(self.env._("Choose a time first."))
        if self.deposit_stage not in (False, "released"):
            raise UserError(self.env._("Make a new appointment: this one had its deposit."))
        self._deposit_hold()
        return self.action_deposit_link() if self.deposit_stage == "held" else None

    def action_cancel(self):
        """Override of `resource_booking` to give back what the terms say.

        The link stays alive: its holder wants to see what became of the money.
        """
        tokens = {booking: booking.access_token for booking in self}
        for booking in self.filtered("deposit_stage"):
            booking._deposit_cancel(self.env.context.get("deposit_percent"))
        result = super(ResourceBooking, self.with_context(**QUIET)).action_cancel()
        for booking, token in tokens.items():
            booking._deposit_write({"access_token": token})
        return result

    def action_cancel_and_refund(self):
        """Cancel for a reason of the business's own: everything is given back."""
        self.with_context(deposit_percent=100).action_cancel()

    def action_no_show(self):
        """The customer did not come."""
        for booking in self:
            booking._deposit_miss()

    @api.model
    def _get_name_formatted(self, partner, type_, meeting=None):
        """Override of `resource_booking` to tell the time by the clinic's clock.

        What a cron tells staff would have the time of nobody else.
        """
        name = super()._get_name_formatted(partner, type_)
        if not meeting:
            return name
        meeting = meeting.with_context(tz=type_.resource_calendar_id.tz)
        moment = meeting._get_display_time(
            meeting.start, meeting.stop, meeting.duration, meeting.allday
        )
        return f"{name} - {moment}"

    # === BUSINESS METHODS === #

    @api.model
    def _book(self, service, start, customer):
        """Hold a time for a customer of the website.

        :param resource.booking.type service: What is booked.
        :param datetime start: One of its free slots, with a time zone.
        :param dict customer: `name`, `email`, `phone`, or `partner_id` if somebody is logged in.
        :return: The booking, held or confirmed.
        :rtype: resource.booking
        :raise UserError: If the time is not free any more.
        """
        if start not in service._get_free_slots(start, start + timedelta(minutes=1)):
            raise UserError(self.env._("This time was just taken. Please choose another."))
        if service._freeze_terms()["deposit"]:
            self._refuse_hoarding(customer)
        partner_id = customer.get("partner_id") or self._create_customer(customer).id
        booking = self.with_context(**QUIET).create(
            {
                "type_id": service.id,
                "partner_ids": [(6, 0, [partner_id])],
                "user_id": self.env.ref("base.user_root").id,
            }
        )
        booking._take_slot(to_timezone(None)(start))
        booking._deposit_hold()
        return self.browse(booking.id)

    @api.model
    def _refuse_hoarding(self, customer):
        """Nobody holds the whole calendar, by mistake or to harm.

        :raise UserError: If there are too many that this customer has not paid.
        """
        partner = self.env["res.partner"].browse(customer.get("partner_id"))
        own = Domain("partner_ids", "in", partner.ids)
        if email := email_normalize(customer.get("email") or partner.email):
            own |= Domain("partner_ids.email_normalized", "=", email)
        held = self.search_count(own & Domain("deposit_stage", "=", "held"))
        if held >= MOST_HELD:
            raise UserError(
                self.env._(
                    "%s appointments wait for your payment. Pay for one of them first.", held
                )
            )

    @api.model
    def _create_customer(self, customer):
        """A contact of its own: a typed e-mail address proves nothing about who typed it."""
        return self.env["res.partner"].create(
            {
                "name": customer["name"],
                "email": customer["email"],
                "phone": customer["phone"],
                "lang": self.env.lang,
                "company_id": self.env.company.id,
            }
        )

    def _reschedule(self, start):
        """Move a held or confirmed appointment. Nothing is paid again.

        :param datetime start: One of the service's free slots, with a time zone.
        :raise UserError: If the time is not free, or it is too late to move.
        """
        self._deposit_lock()
        if self.deposit_stage not in ("held", "confirmed") or self.is_overdue:
            raise UserError(self.env._("This appointment can no longer be moved."))
        if start not in self.type_id._get_free_slots(start, start + timedelta(minutes=1)):
            raise UserError(self.env._("This time was just taken. Please choose another."))
        self._deposit_remember_notice()
        self._take_slot(to_timezone(None)(start))
        if self.deposit_stage == "confirmed":
            self._deposit_confirm()
            self._deposit_agree()
            self._deposit_say("confirmed")

    def _get_available_slots(self, start_dt, end_dt):
        """Override of `resource_booking`: a time is free if one combination has all of it.

        The original also offers what two can do only one after the other, and then refuses it.
        """
        by_day = super()._get_available_slots(start_dt, end_dt)
        combinations = by_day and self.type_id.combination_rel_ids.combination_id
        if self.combination_id or len(combinations) < 2:
            return by_day
        length = timedelta(hours=self.duration)
        free = [
            (begin, end)
            for one in combinations
            for begin, end, _leave in _merge_intervals(self._get_intervals(start_dt, end_dt, one))
        ]

        def is_free(slot):
            return any(begin <= slot and slot + length <= end for begin, end in free)

        return {day: list(filter(is_free, slots)) for day, slots in by_day.items()}

    def _needs_deposit(self):
        return not self.deposit_stage and bool(self.type_id._freeze_terms()["deposit"])

    def _take_slot(self, moment):
        """Make the meeting that keeps others off, or move it.

        :param datetime moment: In UTC, without a time zone.
        :raise UserError: If the time is not free.
        """
        try:
            self.with_context(**QUIET).start = moment
            self.env.flush_all()
        except ValidationError as error:
            raise UserError(
                self.env._("This time was just taken. Please choose another.")
            ) from error
        if not self.combination_id or not self.meeting_id:
            raise UserError(self.env._("This time was just taken. Please choose another."))

    def _follow_meeting(self):
        """Whoever moved the meeting moved what the deposit is for."""
        for booking in self.filtered("start"):
            if booking.deposit_stage in ("held", "confirmed"):
                booking._deposit_write({"deposit_slot": booking.start})
            if booking.deposit_stage == "confirmed":
                booking._deposit_plan_reminder()
            elif booking.deposit_stage == "held" and booking.deposit_deadline:
                deadline = booking._deposit_bound(booking.deposit_deadline)
                booking._deposit_write({"deposit_deadline": deadline})

    def _free_slot(self):
        self.with_context(**QUIET).action_unschedule()

    def _lock_resources(self):
        """Let only one of two bookings of the same resources succeed at a time.

        Whether a slot is free is read, and two who read at the same moment both find it free. So
        each touches the rows of the resources that it takes: the second one waits for the first,
        then fails to serialize, and Odoo lets it look again.
        """
        self.env.flush_all()
        ids = sorted(self.combination_id.resource_ids.ids)
        if ids:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE resource_resource SET write_date = write_date WHERE id IN (
                        SELECT id FROM resource_resource WHERE id IN %s ORDER BY id FOR UPDATE
                    )
                    """,
                    tuple(ids),
                ),
                log_exceptions=False,
            )
