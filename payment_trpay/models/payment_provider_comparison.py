"""How the PSP's lists of payments are held against the books, day by day."""

from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models
from odoo.service.model import retrying

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import GatewayError, State
from ..gateways.transport import TransportError

TURKEY = ZoneInfo("Europe/Istanbul")
MOST_NAMED = 10  # Payments that one to-do names.
MOST_STRAYS = 5000  # Those that are remembered as told.


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    trpay_other_shops = fields.Boolean(
        string="Used by Other Shops, Too",
        help="Another shop takes payments with the same account: do not tell of payments that are"
        " not in these books.",
    )
    trpay_next_comparison = fields.Datetime(readonly=True, copy=False)
    trpay_compared_to = fields.Date(
        help="The last day whose list was compared in this round", readonly=True, copy=False
    )
    trpay_last_comparison = fields.Datetime(
        string="Last Comparison",
        help="When the provider's lists of payments were last compared with the books",
        readonly=True,
        copy=False,
    )
    trpay_last_long_comparison = fields.Datetime(readonly=True, copy=False)
    trpay_comparison_problem = fields.Char(readonly=True, copy=False)
    trpay_books_since = fields.Datetime(
        help="What is found of earlier payments is told only: it may be booked by hand already",
        readonly=True,
        copy=False,
    )
    trpay_strays = fields.Json(
        help="Payments of the lists that are not in the books, and were told",
        readonly=True,
        copy=False,
    )

    @api.model
    def _cron_trpay_compare(self):
        """Compare the lists of the providers whose time has come."""
        lists = [code for code, gateway in GATEWAYS.items() if gateway.listed_days]
        due = self.search(
            [
                ("code", "in", lists),
                "|",
                ("trpay_next_comparison", "=", False),
                ("trpay_next_comparison", "<=", fields.Datetime.now()),
            ]
        ).filtered(lambda provider: provider._trpay_first_payment())
        self.env["ir.cron"]._trpay_each(due, lambda provider: provider._trpay_compare_lists())

    def _trpay_recent_payments(self):
        """Which payments are compared with the lists: those of the provider's state."""
        return [
            ("provider_id", "=", self.id),
            ("source_transaction_id", "=", False),
            ("is_live", "=", self.state != "test"),
            ("create_date", ">", fields.Datetime.now() - const.LONG_COMPARISON),
        ]

    def _trpay_first_payment(self):
        payments = self.env["payment.transaction"]
        return payments.search(self._trpay_recent_payments(), order="create_date, id", limit=1)

    def _trpay_compare_lists(self):
        """Compare all days of a round, daily the last ten and weekly the last ninety.

        Not those before the first payment here, for these are another shop's. Each list is a commit
        of its own: who is interrupted goes on with the next one.
        """
        now = fields.Datetime.now()
        today = _in_turkey(now).date()
        is_whole = not self.trpay_compared_to
        if is_whole:
            self._trpay_begin_round(now, today)
        step = timedelta(days=GATEWAYS[self.code].listed_days)
        seen, strays = set(), []
        while self.trpay_compared_to < today:
            first = self.trpay_compared_to + timedelta(days=1)
            last = min(self.trpay_compared_to + step, today)
            self.env["payment.transaction"]._trpay_commit()
            try:
                listed = self._trpay_gateway().list_payments(first, last)
            except (GatewayError, TransportError) as error:
                self._trpay_note_no_list(error)
                break
            seen |= {payment.reference for payment in listed}
            compare = partial(self._trpay_compare_list, listed, first, last)
            strays += retrying(compare, self.env)
        else:
            if is_whole:
                self._trpay_compare_unlisted(seen, today)
            self._trpay_end_round(now)
        self._trpay_tell_strays(strays)

    def _trpay_begin_round(self, now, today):
        before = self.trpay_last_long_comparison
        is_long = not before or now - before > const.LONG_COMPARISON_PAUSE
        if is_long:
            self.trpay_last_long_comparison = now
        start = today - (const.LONG_COMPARISON if is_long else const.COMPARISON)
        first = _in_turkey(self._trpay_first_payment().create_date).date()
        self.trpay_compared_to = max(start, first - timedelta(days=1))

    def _trpay_end_round(self, now):
        self.write(
            {
                "trpay_compared_to": False,
                "trpay_last_comparison": now,
                "trpay_comparison_problem": False,
                "trpay_next_comparison": now + timedelta(days=1),
            }
        )

    def _trpay_note_no_list(self, error):
        """Ask again in a while; its owner sees it among the warnings."""
        self.write(
            {
                "trpay_comparison_problem": self._trpay_for_responsible()._trpay_explain(error),
                "trpay_next_comparison": fields.Datetime.now() + const.COMPARISON_PAUSE,
            }
        )

    def _trpay_compare_list(self, listed, first, last):
        """Have those payments looked at that the list and the books do not agree on.

        :param tuple[ListedPayment] listed: The list.
        :param date first: Its first day.
        :param date last: Its last day.
        :return: The payments that are not in the books.
        :rtype: list[ListedPayment]
        """
        self.trpay_compared_to = last
        transactions = self._trpay_find_listed(listed)
        # Of several attempts under one reference, the one that was paid counts.
        by_reference = {each.reference: each for each in sorted(listed, key=_is_paid)}
        strays = []
        for payment in by_reference.values():
            names = (payment.reference, payment.psp_reference, payment.psp_number)
            tx = next(filter(None, map(transactions.get, names)), None)
            if not tx:
                strays.append(payment)
            elif tx.provider_id == self and tx.is_live == (self.state != "test"):
                tx._trpay_fill_in(payment)
                refunds = tx._trpay_refunds().filtered(
                    lambda refund: first <= _in_turkey(refund.last_state_change).date() <= last
                )
                refunded = -sum(refunds.filtered(lambda tx: tx.state == "done").mapped("amount"))
                if tx.trpay_difference or not tx._trpay_agrees_with(payment, refunded):
                    tx._trpay_compare_soon()
        return list(filter(_is_paid, strays))

    def _trpay_find_listed(self, listed):
        """The transactions of a list, by our reference and by the PSP's."""
        by_ours = {payment.reference for payment in listed}
        by_theirs = {each for row in listed for each in (row.psp_reference, row.psp_number) if each}
        found = self.env["payment.transaction"].search(
            [
                ("provider_code", "=", self.code),  # Another one may have the same account.
                ("source_transaction_id", "=", False),
                "|",
                ("reference", "in", list(by_ours)),
                ("provider_reference", "in", list(by_theirs)),
            ]
        )
        by_reference = {tx.provider_reference: tx for tx in found if tx.provider_reference}
        return by_reference | {tx.reference: tx for tx in found}

    def _trpay_compare_unlisted(self, seen, today):
        """Have those payments looked at that the books have and the lists do not.

        :param set[str] seen: The references of the lists.
        """
        start = datetime.combine(today - const.COMPARISON, time()) + timedelta(days=1)
        end = fields.Datetime.now() - const.NOT_LISTED_YET
        unlisted = self.env["payment.transaction"].search(
            [
                *self._trpay_recent_payments(),
                ("state", "=", "done"),
                ("operation", "!=", "validation"),
                ("last_state_change", ">", start),
                ("last_state_change", "<", end),
                ("reference", "not in", list(seen)),
            ]
        )
        for tx in unlisted.filtered(lambda tx: not tx._trpay_is_nameless()):
            if tx._trpay_order().reference not in seen:
                tx._trpay_compare_soon()

    # === WHAT IS NOT IN THE BOOKS === #

    def _trpay_tell_strays(self, strays):
        """Tell a person of payments that are not in the books, each once.

        :param list[ListedPayment] strays: The payments.
        """
        told = self.trpay_strays or []
        by_reference = {payment.reference: payment for payment in strays}
        new = [payment for name, payment in by_reference.items() if name not in told]
        if not new or self.trpay_other_shops:
            return
        self.trpay_strays = (told + [payment.reference for payment in new])[-MOST_STRAYS:]
        env = self._trpay_for_responsible().env
        named = Markup("").join(
            Markup("<li>%s: %s</li>")
            % (payment.reference, payment.amount or payment.refunded or payment.refunded_then)
            for payment in new[:MOST_NAMED]
        )
        note = env._(
            "%(provider)s lists %(count)s payments that are not in these books. If another shop"
            " uses the same account, say so in the provider's settings.",
            provider=self.name,
            count=len(new),
        )
        env["mail.activity"].create(
            {
                "activity_type_id": env.ref("mail.mail_activity_data_todo").id,
                "summary": env._("Payments of %s that nobody knows", self.name),
                "note": Markup("<p>%s</p><ul>%s</ul>") % (note, named),
                "user_id": self._trpay_responsible().id,
            }
        )


def _is_paid(payment):
    return payment.state is State.PAID


def _in_turkey(moment):
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(TURKEY)
