"""What a business asks for before it keeps a time or a thing for a customer."""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import float_round


class DepositPolicy(models.Model):
    _name = "deposit.policy"
    _description = "Deposit Policy"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(help="The first policy of a company is its default.", default=10)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    deposit_type = fields.Selection(
        string="Deposit",
        selection=[
            ("percent", "Percentage of the price"),
            ("fixed", "Fixed amount"),
            ("full", "The whole price"),
        ],
        default="percent",
        required=True,
    )
    percent = fields.Float(default=30)
    amount = fields.Monetary()
    rounding = fields.Monetary(
        string="Rounded to", help="To multiples of this amount, e.g. 10. Empty: not rounded."
    )
    minimum = fields.Monetary(help="At least this much, but never more than the price.")
    maximum = fields.Monetary(help="At most this much. Empty: no limit.")
    may_pay_in_full = fields.Boolean(
        string="Payment in Full",
        help="Customers may pay the whole price at once instead.",
        default=True,
    )

    hold_minutes = fields.Integer(
        string="Minutes to Pay",
        help="How long it is kept for a customer who has not paid yet.",
        default=15,
        required=True,
    )
    pending_hours = fields.Integer(
        string="Hours for a Transfer",
        help="How long it is kept while a bank transfer or another slow payment is on its way.",
        default=48,
        required=True,
    )
    balance_hours = fields.Integer(
        string="Hours to Ask for the Balance",
        help="How long before what was booked begins the customer gets a link to pay the rest. 0:"
        " never.",
    )
    late_money = fields.Selection(
        string="Money That Comes Too Late",
        help="What happens to it if what was booked is no longer free. If it is, it is booked"
        " again. Staff are told in any case.",
        selection=[("refund", "Give it back"), ("credit", "Keep it as the customer's credit")],
        default="refund",
        required=True,
    )
    tier_ids = fields.One2many(
        string="Refund on Cancellation",
        comodel_name="deposit.policy.tier",
        inverse_name="policy_id",
        default=lambda self: [Command.create({"hours": 24, "percent": 100})],
        copy=True,
    )
    no_show_percent = fields.Float(
        string="Due on No-Show",
        help="How much of the price a customer owes who does not come. The deposit is kept in any"
        " case.",
    )

    _percent_range = models.Constraint(
        "CHECK(percent > 0 AND percent <= 100)", "The percentage must be between 0 and 100."
    )
    _no_show_percent_range = models.Constraint(
        "CHECK(no_show_percent >= 0 AND no_show_percent <= 100)",
        "What is due on a no-show must be between 0 % and 100 % of the price.",
    )
    _amounts_positive = models.Constraint(
        "CHECK(COALESCE(amount, 0) >= 0 AND COALESCE(minimum, 0) >= 0"
        " AND COALESCE(maximum, 0) >= 0 AND COALESCE(rounding, 0) >= 0)",
        "Amounts cannot be negative.",
    )
    _bounds_ordered = models.Constraint(
        "CHECK(COALESCE(maximum, 0) = 0 OR COALESCE(minimum, 0) <= maximum)",
        "The least deposit is larger than the largest.",
    )
    _hold_minutes_range = models.Constraint(
        "CHECK(hold_minutes BETWEEN 5 AND 1440)",
        "The minutes to pay must be between 5 and 1440 (a day).",
    )
    _balance_hours_range = models.Constraint(
        "CHECK(COALESCE(balance_hours, 0) BETWEEN 0 AND 8760)",
        "The hours to ask for the balance must be between 0 and 8760 (a year).",
    )
    _pending_hours_range = models.Constraint(
        "CHECK(pending_hours BETWEEN 1 AND 240)",
        "The hours for a transfer must be between 1 and 240 (ten days).",
    )

    @api.model
    def _get_default(self, company):
        """The policy that holds where none was chosen; empty if the company asks for nothing."""
        return self.search([("company_id", "=", company.id)], limit=1)

    def _get_deposit(self, price, currency):
        """How much of a price is paid in advance.

        :param float price: The whole price.
        :param res.currency currency: The currency of the price and of the result.
        :rtype: float
        """
        self.ensure_one()
        match self.deposit_type:
            case "percent":
                deposit = price * self.percent / 100
            case "fixed":
                deposit = self._convert(self.amount, currency)
            case "full":
                return price
        if self.rounding:
            step = self._convert(self.rounding, currency)
            deposit = max(float_round(deposit, precision_rounding=step), step)
        deposit = max(deposit, self._convert(self.minimum, currency))
        if self.maximum:
            deposit = min(deposit, self._convert(self.maximum, currency))
        return min(currency.round(deposit), price)

    def _convert(self, amount, currency):
        return self.currency_id._convert(amount, currency, self.company_id, fields.Date.today())

    def _freeze(self, price, currency):
        """The terms as a customer agrees to them: later changes of the policy are not theirs.

        Without a policy nothing is paid in advance.

        :param float price: The whole price.
        :param res.currency currency: The currency of the price.
        :return: Values for JSON, amounts in `currency`.
        :rtype: dict
        """
        if not self:
            return {"deposit": 0.0}
        return {
            "deposit": self._get_deposit(price, currency),
            "may_pay_in_full": self.may_pay_in_full,
            "hold_minutes": self.hold_minutes,
            "pending_hours": self.pending_hours,
            "balance_hours": self.balance_hours,
            "late_money": self.late_money,
            "tiers": [[tier.hours, tier.percent] for tier in self.tier_ids],
            "no_show_percent": self.no_show_percent,
        }

    @api.model
    def _describe_cancellation(self, terms, notice):
        """Say in sentences what a customer gets back who cancels, from now on.

        :param dict terms: Frozen terms.
        :param float notice: How many hours there are until it begins.
        :rtype: list[str]
        """
        if not terms.get("deposit"):
            return []
        tiers = [
            (hours, percent) for hours, percent in terms["tiers"] if percent and hours < notice
        ]
        if not tiers:
            return [self.env._("If you cancel, the deposit is not given back.")]
        sentences = [
            self.env._(
                "Canceled at least %(notice)s before: %(percent)g%% of the deposit is given back.",
                notice=self._describe_hours(hours),
                percent=percent,
            )
            for hours, percent in tiers
        ]
        if tiers[-1][0]:
            sentences.append(self.env._("Canceled later: the deposit is not given back."))
        return sentences

    def _describe_hours(self, hours):
        if hours and hours % 24 == 0:
            return self.env._("%g days", hours / 24) if hours > 24 else self.env._("a day")
        return self.env._("%g hours", hours)


class DepositPolicyTier(models.Model):
    _name = "deposit.policy.tier"
    _description = "Refund on Cancellation"
    _order = "hours desc"

    policy_id = fields.Many2one(
        comodel_name="deposit.policy", required=True, index=True, ondelete="cascade"
    )
    hours = fields.Float(string="Hours before", required=True)
    percent = fields.Float(string="Given back (%)", required=True, default=100)

    _hours_uniq = models.Constraint(
        "unique(policy_id, hours)", "There are two rules for the same notice."
    )
    _hours_positive = models.Constraint("CHECK(hours >= 0)", "The notice cannot be negative.")
    _percent_range = models.Constraint(
        "CHECK(percent >= 0 AND percent <= 100)",
        "What is given back must be between 0 % and 100 % of the deposit.",
    )
