"""The customer's page of an appointment: pay, move, cancel. Its link proves whose it is."""

from urllib.parse import quote

from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.payment_trpay import const
from odoo.addons.payment_trpay.controllers.deposit import DepositPortal
from odoo.addons.payment_trpay.controllers.private import private

from .book import LARGEST_ID, PAGE
from .clock import Clock
from .month import link, show_month
from .sentences import Sentences

ADDRESS = f"/book/appointment/<int(max={LARGEST_ID}):booking_id>"


class AppointmentPortal(DepositPortal):
    @route(ADDRESS, methods=["GET"], **PAGE)
    @private
    def appointment(self, booking_id, access_token=None, pay=None, **_kwargs):
        booking_sudo = self._get_appointment(booking_id, access_token)
        clock = Clock(booking_sudo.type_id)
        payments_sudo = booking_sudo._deposit_payments().sorted("id")
        stage = _describe_stage(booking_sudo, payments_sudo)
        is_free = stage == "released" and _is_still_free(booking_sudo, clock)
        is_gone = stage == "released" and not is_free
        payable = {} if is_gone else booking_sudo._deposit_payable()
        purpose = _choose_purpose(stage, payable, pay)
        terms = booking_sudo.deposit_terms or {}
        values = self._prepare_values(booking_sudo, clock) | {
            "stage": stage,
            "is_free": is_free,
            "payable": payable,
            "purpose": purpose,
            "payments": payments_sudo.filtered(lambda tx: tx.state in const.SETTLED),
            "pending_tx": payments_sudo.filtered(lambda tx: tx.state == "pending")[-1:],
            "seconds_left": _count_seconds_left(booking_sudo),
            "failed_tx": _find_failure(payments_sudo),
            "given_back": booking_sudo._deposit_refunded("done"),
            "leaving": booking_sudo._deposit_refunded("pending"),
            "cancellation": request.env["deposit.policy"]._describe_cancellation(
                terms, booking_sudo._deposit_notice()
            ),
            "last_change": booking_sudo.type_id._last_change(
                booking_sudo._deposit_begins() or fields.Datetime.now()
            ),
        }
        if purpose:
            values |= self._get_deposit_values(booking_sudo, purpose)
        return request.render("payment_trpay_booking.appointment", values)

    @route(f"{ADDRESS}/pay-otherwise", methods=["POST"], **PAGE)
    @private
    def appointment_pay_otherwise(self, booking_id, access_token=None, **_kwargs):
        """Stop waiting for a bank transfer that the customer has not sent."""
        booking_sudo = self._get_appointment(booking_id, access_token)
        booking_sudo._deposit_payments()._transfer_give_up()
        return request.redirect(booking_sudo.get_portal_url())

    @route(f"{ADDRESS}/cancel", methods=["GET", "POST"], **PAGE)
    @private
    def appointment_cancel(self, booking_id, access_token=None, **_kwargs):
        """Say what comes back, and cancel only then."""
        booking_sudo = self._get_appointment(booking_id, access_token)
        if booking_sudo.deposit_stage not in ("held", "confirmed"):
            return request.redirect(booking_sudo.get_portal_url())
        error = None
        if request.httprequest.method == "POST" and booking_sudo._can_be_changed():
            try:
                with request.env.cr.savepoint():
                    booking_sudo.action_cancel()
                return request.redirect(booking_sudo.get_portal_url())
            except UserError as failure:
                error = str(failure)
        give_back, kept = booking_sudo._deposit_quote()
        values = self._prepare_values(booking_sudo, Clock(booking_sudo.type_id))
        values |= {"give_back": give_back, "kept": kept, "error": error}
        return request.render("payment_trpay_booking.appointment_cancel", values)

    @route(f"{ADDRESS}/move", methods=["GET", "POST"], **PAGE)
    @private
    def appointment_move(
        self, booking_id, access_token=None, start=None, month=None, day=None, **_kwargs
    ):
        """Choose another time, and take it. Nothing is paid again."""
        booking_sudo = self._get_appointment(booking_id, access_token)
        if booking_sudo.deposit_stage not in ("held", "confirmed"):
            return request.redirect(booking_sudo.get_portal_url())
        service_sudo = booking_sudo.type_id
        clock = Clock(service_sudo)
        slot = clock.find_slot(service_sudo, start) if start else None
        error = None
        if start and not slot:
            error = request.env._("This time is not free any more. Please choose another.")
        if slot and request.httprequest.method == "POST":
            try:
                with request.env.cr.savepoint():
                    booking_sudo._reschedule(slot)
                return request.redirect(booking_sudo.get_portal_url())
            except UserError as failure:
                error, slot = str(failure), None
        values = self._prepare_values(booking_sudo, clock) | {"slot": slot, "error": error}
        if not slot and booking_sudo._can_be_changed():
            url = booking_sudo.get_portal_url(suffix="/move")
            if (begins := values["begins"]) and not month:
                month, day = clock.month_key(begins), clock.day_key(begins)
            values |= show_month(service_sudo, clock, url, url, month=month, day=day)
        return request.render("payment_trpay_booking.appointment_move", values)

    @route(f"{ADDRESS}/calendar", methods=["GET"], **PAGE)
    @private
    def appointment_calendar(self, booking_id, access_token=None, **_kwargs):
        """The appointment as a file for the customer's calendar."""
        booking_sudo = self._get_appointment(booking_id, access_token)
        if booking_sudo.deposit_stage != "confirmed" or not booking_sudo.meeting_id:
            raise NotFound()
        name = quote(f"{booking_sudo.type_id.name}.ics")
        headers = [
            ("Content-Type", "text/calendar; charset=utf-8"),
            ("Content-Disposition", f"attachment; filename*=UTF-8''{name}"),
        ]
        return request.make_response(booking_sudo._calendar_content(), headers)

    def _get_appointment(self, booking_id, access_token):
        """The appointment, for whoever holds its link or may read it anyway."""
        booking_sudo = self._get_deposit_document("resource.booking", booking_id, access_token)
        if not booking_sudo.deposit_stage:
            raise NotFound()
        return booking_sudo

    def _prepare_values(self, booking_sudo, clock):
        service_sudo = booking_sudo.type_id
        return {
            "booking": booking_sudo,
            "service": service_sudo,
            "clock": clock,
            "begins": booking_sudo._deposit_begins(),
            "phone": booking_sudo._deposit_company().phone,
            "money": booking_sudo.deposit_currency_id.format,
            "sentences": Sentences(clock, booking_sudo.deposit_currency_id),
            "link": link,
            "page_url": booking_sudo.get_portal_url(),
            "again_url": f"/book/{request.env['ir.http']._slug(service_sudo)}",
        }


def _describe_stage(booking_sudo, payments_sudo):
    """What the customer should read about, which is not always the stage of the booking."""
    if booking_sudo.deposit_stage == "held":
        if "pending" in payments_sudo.mapped("state"):
            return "pending"
        if booking_sudo._deposit_is_time_over():
            return "released"
    return booking_sudo.deposit_stage


def _find_failure(payments_sudo):
    """The last attempt to pay, if it failed: not if the customer chose to pay in another way."""
    return payments_sudo[-1:].filtered(
        lambda tx: tx.state == "error" or (tx.state == "cancel" and tx.state_message)
    )


def _count_seconds_left(booking_sudo):
    deadline = booking_sudo.deposit_deadline
    left = (deadline - fields.Datetime.now()).total_seconds() if deadline else 0
    return max(round(left), 0)


def _is_still_free(booking_sudo, clock):
    is_own = booking_sudo.deposit_stage == "held"
    slot = booking_sudo.deposit_slot
    return is_own or bool(slot and clock.is_free(booking_sudo.type_id, slot))


def _choose_purpose(stage, payable, asked):
    """The balance is paid when the customer wants to; everything else is asked for at once."""
    if asked in payable:
        return asked
    return None if stage == "confirmed" else next(iter(payable), None)
