"""What we keep of a payment, and how it starts at the PSP."""

import re
import secrets
import string

from markupsafe import Markup

from odoo import api, fields, models

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..gateways import GATEWAYS, contact
from ..gateways.base import (
    CardEntry,
    Choice,
    Embed,
    GatewayError,
    Money,
    Order,
    Reason,
    Refused,
)
from ..gateways.transport import TransportError

REFERENCE_ALPHABET = string.ascii_lowercase + string.digits


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    trpay_page_url = fields.Char(help="The provider's payment page", readonly=True, copy=False)
    trpay_resizer_url = fields.Char(readonly=True, copy=False)
    trpay_refs = fields.Json(
        help="What the provider's answers told us to remember",
        readonly=True,
        copy=False,
        groups="base.group_system",
    )
    trpay_new_token = fields.Json(
        help="The card that was stored with this payment, until it is paid",
        readonly=True,
        copy=False,
        groups="base.group_system",
    )
    trpay_back_route = fields.Char(help="Where the customer chose to pay", readonly=True)
    trpay_installments = fields.Integer(string="Instalments", readonly=True, copy=False)
    trpay_surcharge = fields.Monetary(
        string="Instalment Surcharge",
        help="What the customer was charged on top of the amount (vade farkı)",
        readonly=True,
        copy=False,
    )
    trpay_fee = fields.Monetary(
        string="Commission",
        help="What the provider keeps of the money",
        readonly=True,
        copy=False,
    )
    trpay_settles_on = fields.Date(
        string="Paid Out on", help="When the provider pays it out", readonly=True, copy=False
    )
    trpay_card_number = fields.Char(string="Card", readonly=True, copy=False)
    trpay_provider_message = fields.Char(
        string="Provider's Message",
        help="In the provider's own words",
        readonly=True,
        copy=False,
    )
    trpay_review_reason = fields.Text(
        string="To Review", help="Why a person must decide", readonly=True, copy=False
    )
    trpay_activity_id = fields.Many2one(
        string="To-Do",
        comodel_name="mail.activity",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    trpay_sent = fields.Datetime(
        help="When what moves money was handed to the provider; empty if it surely was not",
        readonly=True,
        copy=False,
    )
    trpay_notification_ids = fields.One2many(
        string="Notifications",
        comodel_name="trpay.notification",
        inverse_name="transaction_id",
        groups="base.group_system",
    )

    def _is_trpay(self):
        return self.provider_code in GATEWAYS

    # === BUSINESS METHODS - STARTING === #

    @api.model
    def _compute_reference(self, provider_code, prefix=None, separator="-", **kwargs):
        """Override of `payment` to make references that every PSP takes and no other database has.

        Letters and digits only, at most 40 characters, with a random end: a copy of the database
        must never repeat a reference that the PSP already knows.
        """
        if provider_code not in GATEWAYS:
            return super()._compute_reference(
                provider_code, prefix=prefix, separator=separator, **kwargs
            )
        prefix = prefix or self.sudo()._compute_reference_prefix(separator, **kwargs) or "tx"
        plain = re.sub(r"[^A-Za-z0-9]", "", prefix)[: const.REFERENCE_PREFIX_LENGTH]
        suffix = "".join(
            secrets.choice(REFERENCE_ALPHABET) for _ in range(const.REFERENCE_SUFFIX_LENGTH)
        )
        return plain + suffix

    def _get_specific_rendering_values(self, processing_values):
        """Override of `payment` to send the browser to our start route.

        The PSP is contacted there and not here, so that it never hears of an order which is not
        yet in our books, and no document stays locked while it answers.
        """
        if not self._is_trpay():
            return super()._get_specific_rendering_values(processing_values)
        return {"api_url": self._trpay_route("start")}

    def _trpay_route(self, page):
        token = payment_utils.generate_access_token(self.id, self.reference, env=self.env)
        return f"/payment/{self.provider_code}/{page}/{self.id}/{token}"

    def _trpay_start(self):
        """Open the payment at the PSP, once, and remember where the customer pays.

        On failure the transaction ends: each attempt has a reference of its own. The row is locked
        meanwhile, for the PSP may take a second opening ill; nobody else needs it yet.
        """
        self._trpay_lock()
        provider = self.provider_id
        self.trpay_refs = {
            "hold": provider.capture_manually and not self.trpay_recurring_id,
            "without_ip": not contact.public_ip(self._trpay_customer_ip()),
        }
        if self.operation == "validation":
            self.trpay_page_url = self._trpay_route("card")
            return
        if not self._trpay_end_if_not_owed():
            self._trpay_open()

    def _trpay_open(self):
        try:
            if self._trpay_lost_token():
                raise Refused("not listed any more", reason=Reason.STORED_CARD_UNUSABLE)
            step = self._trpay_gateway().open(self._trpay_order(), self._trpay_checkout())
        except (GatewayError, TransportError) as error:
            self._trpay_fail_to_start(error)
            return
        match step:
            case CardEntry():
                page, refs = self._trpay_route("card"), self._trpay_plan_card(step)
            case Choice():
                page, refs = self._trpay_route("installments"), self._trpay_plan_choice(step)
            case _:
                page, refs = step.url, step.refs
        self.write(
            {
                "trpay_page_url": page,
                "trpay_resizer_url": step.resizer_url if isinstance(step, Embed) else False,
                "trpay_refs": self.trpay_refs | refs,
                "partner_lang": self.env.lang or self.partner_lang,
            }
        )
        self._trpay_plan_inquiry()

    def _trpay_fail_to_start(self, error):
        self.trpay_provider_message = self.provider_id._trpay_explain(error)
        if isinstance(error, Refused) and error.reason in const.CUSTOMER_REASONS:
            self._trpay_tell_of_contact(error)
            self._set_error(self._trpay_sentence(error))
            return
        self._set_error(
            self.env._(
                "%(provider)s could not start the payment. Nothing was charged. Please try"
                " again, or choose another way to pay.",
                provider=self.provider_id.name,
            )
        )

    def _trpay_tell_of_contact(self, error):
        """Give a to-do if the PSP refused something that only customer and owner can mend."""
        is_told = error.reason is Reason.IP_REFUSED and self._trpay_is_told_of_ip()
        if error.reason in const.CONTACT_REASONS and not is_told:
            tx = self._trpay_for_staff()
            tx._trpay_alert(tx.provider_id._trpay_explain(error))

    def _trpay_is_told_of_ip(self):
        """Whether a to-do says so already: no payment has an address where the proxy is not set."""
        same = [
            ("provider_id", "=", self.provider_id.id),
            ("trpay_provider_message", "=", self.trpay_provider_message),
            ("trpay_activity_id.active", "=", True),
        ]
        return bool(self.search_count(same, limit=1))

    def _trpay_order(self):
        """This payment, or the one that is captured or refunded, in the words of the gateways."""
        if self.source_transaction_id:
            return self.source_transaction_id._trpay_order()
        refs = self.trpay_refs or {}
        return Order(
            reference=refs.get("invoice") or self.reference,
            amount=self._trpay_money(self.amount),
            method=self._trpay_method(),
            test=not self.is_live,
            hold=bool(refs.get("hold")),
            resumed=bool(refs.get("resumed")),
            recurrence=self._trpay_recurrence(),
            refs=refs,
        )

    def _trpay_method(self):
        """The gateway's method that the customer chose; a card's brand counts as its default."""
        methods = GATEWAYS[self.provider_code].methods
        xmlid_to_id = self.env["ir.model.data"]._xmlid_to_res_id
        by_id = {xmlid_to_id(f"payment.payment_method_{code}"): code for code in methods}
        return by_id.get(self.payment_method_id.id, methods[0])

    def _trpay_awaits_transfer(self):
        return (
            self._is_trpay()
            and self.state in ("draft", "pending")
            and self._trpay_method() == "bank_transfer"
        )

    def _trpay_money(self, amount):
        return Money(
            payment_utils.to_minor_currency_units(amount, self.currency_id),
            self.currency_id.name,
        )

    # === HELPERS === #

    def _trpay_gateway(self):
        """The PSP as this payment, or the one that is refunded, met it: for tests or in earnest."""
        payment = self.source_transaction_id or self
        return self.provider_id._trpay_gateway(test=not payment.is_live)

    def _trpay_responsible(self):
        return self.provider_id._trpay_responsible()

    def _trpay_for_staff(self):
        """This transaction, speaking the language of the person who looks after its provider.

        Notifications and crons have no user who could read what they say.
        """
        self.ensure_one()
        return self.with_context(lang=self._trpay_responsible().lang)

    def _trpay_alert(self, text):
        """Give the responsible person a to-do."""
        self.ensure_one()
        note = Markup("<p>%s</p><p>%s</p>") % (text, self._get_html_link())
        if self.trpay_activity_id.active:
            self.trpay_activity_id.note += note
            return
        env = self._trpay_for_staff().env
        self.trpay_activity_id = env["mail.activity"].create(
            {
                "activity_type_id": env.ref("mail.mail_activity_data_todo").id,
                "summary": env._("Payment %s needs a decision", self.reference),
                "note": note,
                "user_id": self._trpay_responsible().id,
            }
        )
