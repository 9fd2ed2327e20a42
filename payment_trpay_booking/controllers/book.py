"""Booking without an account: choose a service, a time, and say who you are."""

from datetime import UTC, datetime, timedelta

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.payment_trpay.controllers.private import private

from .clock import Clock, read_moment
from .customer_form import BAIT, is_program, missing_fields, read_form, read_text
from .month import link, show_month
from .sentences import Sentences

LARGEST_ID = 2**31 - 1
# In the session: what was typed for a time that was gone, so that nobody types it again.
TYPED = "payment_trpay_typed"
PAGE = {"type": "http", "auth": "public", "website": True, "sitemap": False}


class BookController(Controller):
    @route("/book", **PAGE | {"sitemap": True})
    def book_services(self):
        services_sudo = request.env["resource.booking.type"].sudo().search(_published())
        values = {
            "services": services_sudo,
            "slug": request.env["ir.http"]._slug,
            "sentences": lambda service: Sentences(Clock(service), service.currency_id),
        }
        return request.render("payment_trpay_booking.services", values)

    @route("/book/<string:service>", methods=["GET"], **PAGE)
    def book_month(self, service, month=None, day=None, **_kwargs):
        service_sudo = _get_service(service)
        return _show_month(service_sudo, Clock(service_sudo), month=month, day=day)

    @route("/book/<string:service>/details", methods=["GET", "POST"], **PAGE)
    @private
    def book_details(self, service, start=None, **params):
        """Ask who is booking, and book. What was chosen may be gone by then."""
        service_sudo = _get_service(service)
        clock = Clock(service_sudo)
        slot = clock.find_slot(service_sudo, start)
        is_sent = request.httprequest.method == "POST"
        asked = missing_fields(request.env.user)
        typed = request.session.get(TYPED, {})
        errors = {}
        if is_sent:
            typed, errors = read_form(request.env, params, asked)
        if not slot:
            if is_sent and (booking_sudo := _find_sent_before(service_sudo, start)):
                return request.redirect(booking_sudo.get_portal_url())
            request.session[TYPED] = typed
            error = request.env._("This time is not free any more. Please choose another.")
            wanted = read_moment(start)
            if not wanted:
                return _show_month(service_sudo, clock, error=error)
            return _show_day(service_sudo, clock, wanted, error)
        if is_sent and is_program(params):
            return request.redirect(_url(service_sudo))
        if is_sent and not errors:
            return self._book(service_sudo, clock, slot, typed)
        values = {
            "service": service_sudo,
            "clock": clock,
            "slot": slot,
            "back_url": link(_url(service_sudo), month=clock.month_key(slot), **clock.query),
            "asked": asked,
            "typed": typed,
            "errors": errors,
            "agreed": bool(read_text(params, "agree")),
            "bait": BAIT,
            "terms": service_sudo._freeze_terms(),
            "sentences": Sentences(clock, service_sudo.currency_id),
            "last_change": service_sudo._last_change(slot),
            "notice": (slot - datetime.now(UTC)) / timedelta(hours=1),
        }
        return request.render("payment_trpay_booking.details", values)

    def _book(self, service_sudo, clock, slot, typed):
        customer = typed
        try:
            with request.env.cr.savepoint():
                if not request.env.user._is_public():
                    partner_sudo = request.env.user.partner_id.sudo()
                    partner_sudo.write(typed)
                    customer = {"partner_id": partner_sudo.id}
                booking_sudo = (
                    request.env["resource.booking"].sudo()._book(service_sudo, slot, customer)
                )
        except UserError as error:
            request.session[TYPED] = typed
            return _show_day(service_sudo, clock, slot, str(error))
        request.session.pop(TYPED, None)
        request.session["payment_trpay_booked"] = [booking_sudo.id, slot.isoformat()]
        return request.redirect(booking_sudo.get_portal_url())


def _published():
    return [
        ("is_published", "=", True),
        ("company_id", "in", (False, request.env.company.id)),
    ]


def _get_service(slug):
    _name, service_id = request.env["ir.http"]._unslug(slug)
    if not service_id or not 0 < service_id <= LARGEST_ID:
        raise NotFound()
    services_sudo = request.env["resource.booking.type"].sudo()
    service_sudo = services_sudo.search([("id", "=", service_id), *_published()])
    if not service_sudo:
        raise NotFound()
    return service_sudo


def _url(service_sudo):
    return f"/book/{request.env['ir.http']._slug(service_sudo)}"


def _show_month(service_sudo, clock, month=None, day=None, error=None):
    url = _url(service_sudo)
    values = show_month(service_sudo, clock, url, f"{url}/details", month=month, day=day)
    company_sudo = service_sudo.company_id or request.env.company.sudo()
    values |= {"service": service_sudo, "error": error, "phone": company_sudo.phone}
    return request.render("payment_trpay_booking.choose_time", values)


def _show_day(service_sudo, clock, moment, error):
    """The other times of the day on which one was gone."""
    month, day = clock.month_key(moment), clock.day_key(moment)
    return _show_month(service_sudo, clock, month=month, day=day, error=error)


def _find_sent_before(service_sudo, start):
    """The booking of a visitor who sent the form twice: the time is taken, by themselves."""
    booking_id, text = request.session.get("payment_trpay_booked") or (0, None)
    booking_sudo = request.env["resource.booking"].sudo().browse(booking_id).exists()
    is_same = booking_sudo.type_id == service_sudo and _is_same_moment(text, start)
    return booking_sudo if is_same and booking_sudo.deposit_stage in ("held", "confirmed") else None


def _is_same_moment(*texts):
    moments = {read_moment(text) for text in texts}
    return len(moments) == 1 and None not in moments
