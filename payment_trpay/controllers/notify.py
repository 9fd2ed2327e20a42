"""Where PSPs report: each answer is exact, and no answer needs a session or the network."""

import logging

from odoo import http
from odoo.http import request

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import BadMessage, Forged, GatewayError
from ..gateways.transport import mask_card_numbers
from .private import private

_logger = logging.getLogger(__name__)


class NotifyController(http.Controller):
    @http.route(
        const.NOTIFY_ROUTES,
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
        max_content_length=const.LONGEST_NOTIFICATION,
    )
    @private
    def trpay_notify(self, code, **_fields):
        """Take a notification: authenticate it, store it, act on it, acknowledge it.

        The acknowledgement is given only for a message that is stored; it is sent after the
        commit. What does not prove itself is a reason to ask, and what is genuine but cannot be
        understood is for a person: a PSP would repeat either for ever, the same each time. Whatever
        else arrives changes nothing and is told why. No session is saved: the PSP is no visitor,
        and some PSPs take a cookie for a broken answer.

        :param str code: The code of the provider.
        """
        if request.httprequest.method != "POST":
            return _answer(
                405,
                "This is where the payment provider sends its notifications (POST).",
            )
        gateway = GATEWAYS[code]
        try:
            message = _read_form()
            recurrence = gateway.recurrence_of(message)
            reference = recurrence or gateway.reference_of(message)
            find = _find_beginning if recurrence else _find_transaction
            tx_sudo = find(code, reference)
            if not tx_sudo:
                unknown = mask_card_numbers(reference)
                _logger.warning("%s notifies of an unknown order: %.80r", code, unknown)
                return _answer(404, "Unknown order")
            claim = tx_sudo._trpay_gateway().read(message, tx_sudo._trpay_order())
        except Forged as error:
            _logger.warning("%s: forged or wrongly signed notification: %s", reference, error.text)
            return _answer(403, f"Refused: {error.text}")
        except BadMessage as error:
            _logger.warning("%s: unusable notification: %s", code, error.text)
            return _answer(400, f"Refused: {error.text}")
        except GatewayError as error:
            _logger.warning("%s: notification cannot be checked: %s", reference, error.text)
            return _answer(403, "Refused: cannot be checked")
        if gateway.signs and not claim.proven:
            _logger.warning("%s: odd notification: %s", reference, claim.doubt or claim.unclear)
        request.env["trpay.notification"].sudo()._receive(tx_sudo, claim, message)
        return _answer(200, gateway.acknowledgement)


def _read_form():
    """The fields of the posted form.

    :raise BadMessage: If a field is repeated, or the text is not UTF-8.
    """
    form = request.httprequest.form
    charset = request.httprequest.mimetype_params.get("charset", "utf-8")
    message = form.to_dict()
    if charset.lower() not in ("utf-8", "utf8"):
        raise BadMessage("charset is not UTF-8")
    if any("\ufffd" in text or "\x00" in text for pair in message.items() for text in pair):
        raise BadMessage("text is not UTF-8")
    if any(len(values) > 1 for _name, values in form.lists()):
        raise BadMessage("a field is repeated")
    return message


def _find_transaction(code, reference):
    if not reference:
        raise BadMessage("no order is named")
    transactions_sudo = request.env["payment.transaction"].sudo()
    return transactions_sudo.search_fetch([("reference", "=", reference)]).filtered(
        lambda tx: tx.provider_code == code and tx.operation != "refund"
    )


def _find_beginning(code, recurrence):
    """The payment that began what the PSP repeats."""
    recurring_sudo = request.env["trpay.recurring"].sudo()
    found = recurring_sudo.search(
        [("code", "=", recurrence), ("provider_id.code", "=", code)], limit=1
    )
    return found._first()


def _answer(status, text):
    return request.make_response(
        text, headers=[("Content-Type", "text/plain; charset=utf-8")], status=status
    )
