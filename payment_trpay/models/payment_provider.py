"""The settings of our providers, and which gateway they stand for."""

from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.urls import urljoin

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import Gateway, GatewayError, Money
from ..gateways.transport import NoAnswer, TransportError
from .trpay_access import SharedKeyring

SINGLE_PAYMENT = "1"
CHOICE = "card_choice"  # Of the customer, between the forms that the gateway knows.
CARD_FLOWS = ("card_3d", "card_2d")
CREDENTIALS = tuple(
    f"{code}_{name}"
    for code, gateway in GATEWAYS.items()
    for name in gateway.credentials + gateway.options
)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[("paytr", "PayTR"), ("platformode", "Platformode")],
        ondelete={"paytr": "set default", "platformode": "set default"},
    )
    paytr_merchant_id = fields.Char(
        string="PayTR Merchant ID", required_if_provider="paytr", copy=False
    )
    paytr_merchant_key = fields.Char(
        string="PayTR Merchant Key",
        required_if_provider="paytr",
        copy=False,
        groups="base.group_system",
    )
    paytr_merchant_salt = fields.Char(
        string="PayTR Merchant Salt",
        required_if_provider="paytr",
        copy=False,
        groups="base.group_system",
    )
    platformode_app_id = fields.Char(
        string="Platformode App ID", required_if_provider="platformode", copy=False
    )
    platformode_app_secret = fields.Char(
        required_if_provider="platformode",
        copy=False,
        groups="base.group_system",
    )
    platformode_merchant_key = fields.Char(
        required_if_provider="platformode",
        copy=False,
        groups="base.group_system",
    )
    platformode_sale_hook = fields.Char(
        string="Platformode Sale Web Hook",
        help="The key name that you gave the notification URL in Platformode's panel",
        copy=False,
    )
    platformode_refund_hook = fields.Char(
        string="Platformode Refund Web Hook",
        help="The key name that you gave the notification URL of refunds in Platformode's panel",
        copy=False,
    )

    platformode_recurring_hook = fields.Char(
        string="Platformode Recurring Web Hook",
        help="The key name that you gave the notification URL of recurring payments in"
        " Platformode's panel. Without one there are no recurring payments.",
        copy=False,
    )
    platformode_vpos_type = fields.Selection(
        string="Line of Business",
        selection=[("insurance", "Insurance")],
        help="An insurer's payments name the payer by their T.C. identity or tax number. Without 3D"
        " Secure, card numbers are sent in part only.",
    )
    platformode_cvv_less = fields.Selection(
        string="Security Code",
        selection=[("1", "Not asked for")],
        help="Where your agreement says so: the provider's page asks for no security code, and an"
        " insurer's card form without 3D Secure for no date of expiry, either.",
    )

    is_trpay = fields.Boolean(compute="_compute_is_trpay")
    trpay_embeds = fields.Boolean(string="Embeds Its Page", compute="_compute_trpay_features")
    trpay_limits_time = fields.Boolean(string="Limits the Time", compute="_compute_trpay_features")
    trpay_has_flows = fields.Boolean(string="Has Several Forms", compute="_compute_trpay_features")
    trpay_resumes = fields.Boolean(string="Can Ask Again", compute="_compute_trpay_features")
    trpay_page = fields.Selection(
        string="Payment Page",
        help="Inside your website's own layout, or as a page of its own. Customers can always open"
        " the embedded page in full.",
        selection=[
            ("embedded", "Inside my website"),
            ("full", "Full page of the provider"),
        ],
        default="embedded",
        required=True,
    )
    trpay_flow = fields.Selection(
        string="Card Form",
        selection=[
            ("page", "The provider's own page"),
            ("card_3d", "In my website, with 3D Secure"),
            ("card_2d", "In my website, without 3D Secure"),
            (CHOICE, "In my website, with or without 3D Secure as the customer chooses"),
        ],
        help="Empty: the one that your agreement with the provider allows.",
    )
    trpay_max_installments = fields.Selection(
        string="Instalments",
        selection=[
            ("0", "All that the provider offers"),
            (SINGLE_PAYMENT, "None: single payment only"),
            *((str(count), f"{count}") for count in range(2, 13)),
        ],
        help="The largest number of instalments (taksit) that customers may choose.",
        default="0",
        required=True,
    )
    trpay_asks_again = fields.Boolean(
        string="Look Again Before Collecting",
        help="After 3D Secure this server looks once more whether the order stands and the"
        " appointment is still held, and only then has the money collected. Who does not come back"
        " within 15 minutes pays nothing.",
    )
    trpay_minutes = fields.Integer(
        string="Minutes to Pay",
        help="How long the customer may stay on the payment page.",
        default=30,
        required=True,
    )
    trpay_responsible_id = fields.Many2one(
        string="Responsible",
        help="Who gets a to-do when a payment needs a decision.",
        comodel_name="res.users",
        default=lambda self: self._default_trpay_responsible(),
        domain=[("share", "=", False)],
    )
    trpay_notify_url = fields.Char(string="Notification URL", compute="_compute_trpay_notify_url")
    _trpay_minutes_range = models.Constraint(
        "CHECK(trpay_minutes BETWEEN 5 AND 1440)",
        "The minutes to pay must be between 5 and 1440 (a day).",
    )

    @api.constrains("allow_tokenization", "trpay_flow")
    def _check_trpay_form_for_stored_cards(self):
        """The card that is to be stored is entered here: that is for the owner to decide."""
        for provider in self.filtered("is_trpay"):
            if provider.allow_tokenization and provider.trpay_flow not in (*CARD_FLOWS, CHOICE):
                raise ValidationError(
                    self.env._(
                        "To save cards, choose a Card Form in your website: the provider's own page"
                        " saves none."
                    )
                )

    def _default_trpay_responsible(self):
        """Whoever creates the provider; on installation that is nobody who reads to-dos."""
        user = self.env.user
        return self.env.ref("base.user_admin") if user._is_superuser() else user

    def _trpay_responsible(self):
        responsible = self.trpay_responsible_id
        return responsible if responsible.active else self.env.ref("base.user_admin")

    def _trpay_for_responsible(self):
        """This provider, speaking the language of the person who looks after it."""
        return self.with_context(lang=self._trpay_responsible().lang)

    # === COMPUTE METHODS === #

    @api.depends("code")
    def _compute_is_trpay(self):
        for provider in self:
            provider.is_trpay = provider.code in GATEWAYS

    @api.depends("code")
    def _compute_trpay_features(self):
        """Which settings mean anything to the gateway."""
        for provider in self:
            gateway = GATEWAYS.get(provider.code, Gateway)
            provider.trpay_embeds = gateway.embeds
            provider.trpay_limits_time = gateway.limits_time
            provider.trpay_has_flows = len(gateway.flows) > 1
            provider.trpay_resumes = gateway.resumes

    @api.depends("code", "company_id")
    def _compute_trpay_notify_url(self):
        for provider in self:
            provider.trpay_notify_url = provider.is_trpay and provider._trpay_url(
                f"/payment/{provider.code}/notify"
            )

    @api.depends("code")
    def _compute_feature_support_fields(self):
        """Override of `payment` to enable what the gateways offer."""
        result = super()._compute_feature_support_fields()
        for provider in self.filtered("is_trpay"):
            gateway = GATEWAYS[provider.code]
            provider.support_refund = gateway.refunds
            provider.support_manual_capture = gateway.captures
            provider.support_tokenization = gateway.stores_cards
        return result

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._trpay_clean_credentials(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._trpay_clean_credentials(vals))

    @api.model
    def _trpay_clean_credentials(self, vals):
        """Credentials are pasted: drop the blanks around them, and what was known of the old."""
        pasted = {name: (vals[name] or "").strip() or False for name in CREDENTIALS if name in vals}
        if not pasted:
            return vals
        return {"trpay_connection": "untested", "trpay_connection_message": False} | vals | pasted

    # === ACTION METHODS === #

    def action_trpay_view_payments(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payments"),
            "res_model": "payment.transaction",
            "view_mode": "list,kanban,form",
            "domain": [("provider_id", "=", self.id)],
        }

    def action_trpay_view_notifications(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Notifications"),
            "res_model": "trpay.notification",
            "view_mode": "list,form",
            "domain": [("provider_id", "=", self.id)],
        }

    def action_trpay_view_installments(self):
        """Show what each number of instalments costs the buyer of something for 100."""
        self.ensure_one()
        self.check_access("write")
        with self._trpay_explained():
            plans = self._trpay_gateway().installments(Money(100_00, "TRY"))
        rows = self.env["trpay.installment"].create(
            [
                {
                    "card_family": plan.card_family,
                    "installments": f"{plan.installments:02}",
                    "total": float(plan.total.major),
                    "fee": float(plan.fee.major) if plan.fee else 0,
                }
                for plan in plans
                if plan.card_family
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What 100 costs, by card and number of instalments"),
            "res_model": "trpay.installment",
            "view_mode": "pivot",
            "domain": [("id", "in", rows.ids)],
        }

    # === BUSINESS METHODS - GATEWAY === #

    def _trpay_gateway(self, test=None) -> Gateway:
        """The PSP, with this provider's credentials.

        :param bool test: Whether it is for a test payment; by default as the provider's state is.
        :raise GatewayError: If a credential is missing.
        """
        self.ensure_one()
        gateway = GATEWAYS[self.code]
        if test is None:
            test = self.state == "test"
        sudo = self.sudo()  # Public users pay, and credentials are for administrators only.
        return gateway(
            {name: sudo[f"{self.code}_{name}"] for name in gateway.credentials + gateway.options},
            test=test,
            keyring=SharedKeyring(self.env),
            base_url=self._trpay_endpoint() if test and self.state != "enabled" else "",
        )

    def _trpay_endpoint(self):
        """The address of a sandbox that stands in for the PSP, for a provider in test state."""
        return (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param(f"payment_trpay.endpoint.{self.code}", "")
        )

    def _trpay_url(self, path):
        return urljoin(self.get_base_url(), path)

    def _trpay_explain(self, error):
        """What an error of the gateway means to staff, in their language.

        :param Exception error: A `GatewayError` or a `TransportError`.
        :rtype: str
        """
        if isinstance(error, NoAnswer):
            said = self.env._(
                "%(provider)s did not answer properly (%(error)s). Try again in a minute.",
                provider=self.name,
                error=error,
            )
            sentence = const.REASONS.get(error.reason)
            return f"{self.env._(sentence)} ({said})" if sentence else said
        if isinstance(error, TransportError):
            return self.env._(
                "%(provider)s cannot be reached (%(error)s). Check this server's internet"
                " connection.",
                provider=self.name,
                error=error,
            )
        sentence = const.REASONS.get(error.reason)
        if not error.text.strip():
            silent = self.env._("%s refused, and did not say why.", self.name)
            return self.env._(sentence) if sentence else silent
        said = self.env._("%(provider)s said: %(text)s", provider=self.name, text=error.text)
        return f"{self.env._(sentence)} ({said})" if sentence else said

    @contextmanager
    def _trpay_explained(self):
        """Have staff read what goes wrong at the PSP.

        :raise UserError: In their words.
        """
        try:
            yield
        except (GatewayError, TransportError) as error:
            raise UserError(self._trpay_explain(error)) from error

    def _trpay_first_flow(self):
        """How a payment begins: who has the choice begins with 3D Secure.

        :return: One of the gateway's flows; empty for what the agreement allows.
        :rtype: str
        """
        return CARD_FLOWS[0] if self.trpay_flow == CHOICE else self.trpay_flow or ""

    def _trpay_recurs(self):
        """Whether this provider can take recurring payments, and tell of them."""
        recurs = self.is_trpay and GATEWAYS[self.code].recurs
        return recurs and bool(self[f"{self.code}_recurring_hook"])

    @api.model
    def _trpay_find_options(self, company, partner, amount, currency, only=None):
        """The providers and methods that a customer may choose from, in core's words.

        :param res.company company: Who is paid.
        :param res.partner partner: Who pays.
        :param float amount: What is paid.
        :param res.currency currency: Its currency.
        :param only: Tells which providers will do; by default each that core offers.
        :rtype: dict
        """
        report = {}
        providers = self._get_compatible_providers(
            company.id,
            partner.id,
            amount,
            currency_id=currency.id,
            website_id=self.env.context.get("website_id"),
            report=report,
        ).filtered(only)
        methods = self.env["payment.method"]._get_compatible_payment_methods(
            providers.ids, partner.id, currency_id=currency.id, report=report
        )
        return {
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "availability_report": report,
        }

    # === BUSINESS METHODS - PAYMENT FLOW === #

    def _get_supported_currencies(self):
        """Override of `payment` to return the currencies of the gateway."""
        supported = super()._get_supported_currencies()
        if not self.is_trpay:
            return supported
        return supported.filtered(lambda currency: currency.name in GATEWAYS[self.code].currencies)

    def _get_default_payment_method_codes(self):
        """Override of `payment` to return the cards; other methods are for the owner to enable."""
        if not self.is_trpay:
            return super()._get_default_payment_method_codes()
        gateway = GATEWAYS[self.code]
        return {gateway.methods[0], *gateway.brands}
