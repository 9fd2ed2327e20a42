"""How well a provider is: whether it can be reached, and what keeps it from working."""

import ipaddress
import logging
from urllib.parse import urlsplit

from odoo import api, fields, http, models
from odoo.http import request
from odoo.tools import config

from .. import const
from ..gateways.base import GatewayError
from ..gateways.transport import TransportError
from . import notice
from .payment_provider import CARD_FLOWS, CHOICE

_logger = logging.getLogger(__name__)

MOST_UNREAD = 5


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    trpay_last_notification = fields.Datetime(
        string="Last Notification", compute="_compute_trpay_last_notification"
    )
    trpay_connection = fields.Selection(
        string="Connection",
        selection=[("untested", "Not tested"), ("ok", "Works"), ("failed", "Failed")],
        default="untested",
        readonly=True,
        copy=False,
    )
    trpay_connection_message = fields.Char(readonly=True, copy=False)
    trpay_warnings = fields.Text(string="Warnings", compute="_compute_trpay_warnings")

    # === COMPUTE METHODS === #

    def _compute_trpay_last_notification(self):
        newest = dict(
            self.env["trpay.notification"]
            .sudo()
            ._read_group([("provider_id", "in", self.ids)], ["provider_id"], ["create_date:max"])
        )
        for provider in self:
            provider.trpay_last_notification = newest.get(provider)

    @api.depends("state", "code", "trpay_connection", "available_currency_ids")
    def _compute_trpay_warnings(self):
        for provider in self:
            provider.trpay_warnings = provider.is_trpay and "\n".join(
                provider._trpay_find_warnings()
            )

    # === ACTION METHODS === #

    def action_trpay_test_connection(self):
        """Ask the PSP whether the credentials are right, and say which is wrong if one is."""
        self.ensure_one()
        self.check_access("write")
        try:
            agreement = self._trpay_gateway().probe()
        except (GatewayError, TransportError) as error:
            connection, message = "failed", self._trpay_explain(error)
        else:
            connection = "ok"
            message = " ".join(
                [*self._trpay_describe_agreement(agreement), *self._trpay_describe_unread_rates()]
            )
        self.write({"trpay_connection": connection, "trpay_connection_message": message})
        kind = "success" if connection == "ok" else "danger"
        return notice.tell(message, kind, title=self.name, sticky=connection != "ok")

    def _trpay_describe_agreement(self, agreement):
        """Yield what the merchant may do, and what the settings want beyond that.

        :param Agreement agreement: What the PSP told.
        """
        yield self.env._("The credentials are right.")
        if agreement.installments:
            counts = ", ".join(map(str, agreement.installments))
            yield self.env._("Instalments: %s.", counts)
        chosen = CARD_FLOWS if self.trpay_flow == CHOICE else filter(None, [self.trpay_flow])
        if agreement.flows and not set(chosen) <= set(agreement.flows):
            names = dict(self._fields["trpay_flow"]._description_selection(self.env))
            yield self.env._(
                "But your agreement does not cover the card form that you chose, only: %s.",
                ", ".join(names[flow] for flow in agreement.flows),
            )

    def _trpay_describe_unread_rates(self):
        """Yield which ways to pay in instalments customers miss, for their rates are odd."""
        try:
            unread = self._trpay_gateway().unread_rates()
        except (GatewayError, TransportError) as error:  # Who takes no instalments has none.
            _logger.info("%s: no rates: %s", self.name, error)
            return
        if unread:
            yield self.env._(
                "But these instalment rates cannot be read, and are not offered: %s.",
                "; ".join(unread[:MOST_UNREAD]),
            )

    # === BUSINESS METHODS === #

    def _trpay_find_warnings(self):
        """Yield what keeps this provider from working, and what to do about it."""
        self.ensure_one()
        if self.state == "disabled":
            return
        if self.state == "test" and (endpoint := self._trpay_endpoint()):
            yield self.env._("Payments go to the sandbox at %s, not to the provider.", endpoint)
            return
        address = urlsplit(self.trpay_notify_url or "")
        if not _is_public_host(address.hostname or ""):
            yield self.env._(
                "%(provider)s cannot reach %(host)s: payments are confirmed only when this server"
                " asks, up to a few minutes late. Set the system parameter web.base.url to the"
                " address that customers use.",
                provider=self.name,
                host=address.hostname,
            )
        elif address.scheme != "https":
            yield self.env._(
                "Your site has no https. Payment data must not travel unencrypted: get a"
                " certificate, then set the protocol of the notification URL to HTTPS in the panel."
            )
        if self._trpay_database_is_ambiguous(address.hostname or ""):
            yield self.env._(
                "This server answers for several databases, so notifications may find none. Set"
                " dbfilter in the server's configuration to pick one by host name."
            )
        is_behind_proxy = _forwarded_by_a_proxy() and not config["proxy_mode"]
        if is_behind_proxy or self._trpay_misses_customer_ip():
            yield self.env._(
                "Customers' IP addresses do not reach this server, and providers may refuse their"
                " payments. Set proxy_mode in the server's configuration, and have your proxy send"
                " X-Forwarded-For and X-Forwarded-Host."
            )
        if self.state == "enabled" and self.trpay_connection == "failed":
            yield self.env._("The last connection test failed: %s", self.trpay_connection_message)
        if self.trpay_comparison_problem and self._trpay_is_uncompared():
            yield self.env._(
                "The list of payments cannot be read, so that refunds made in the panel are not"
                " noticed: %s",
                self.trpay_comparison_problem,
            )
        hook = f"{self.code}_sale_hook"
        if hook in self._fields and not self[hook]:
            yield self.env._(
                "%s does not notify: payments are confirmed when the customer comes back, or when"
                " this server asks. Give the notification URL a key name in the panel, and enter"
                " that name here.",
                self.name,
            )
        elif missed := self._trpay_count_missed_notifications():
            yield self.env._(
                "%(count)s payments of the last 7 days were never notified; this server had to ask."
                " Check the notification URL in the panel, and that no firewall or Cloudflare rule"
                " stops it.",
                count=missed,
            )

    @staticmethod
    def _trpay_database_is_ambiguous(host):
        return len(http.db_filter(http.db_list(force=True, host=host), host=host)) > 1

    def _trpay_is_uncompared(self):
        last = self.trpay_last_comparison
        return not last or fields.Datetime.now() - last > const.COMPARISON_PATIENCE

    def _trpay_misses_customer_ip(self):
        """Whether the last live payment of these days began without its customer's public address.

        :rtype: bool
        """
        since = fields.Datetime.subtract(fields.Datetime.now(), days=7)
        newest = (
            self.env["payment.transaction"]
            .sudo()
            .search(
                [
                    ("provider_id", "=", self.id),
                    ("is_live", "=", True),
                    ("operation", "in", ("online_redirect", "online_token", "validation")),
                    ("trpay_refs", "!=", False),
                    ("create_date", ">", since),
                ],
                order="id desc",
                limit=1,
            )
        )
        return bool(newest.trpay_refs and newest.trpay_refs.get("without_ip"))

    def _trpay_count_missed_notifications(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=7)
        return (
            self.env["payment.transaction"]
            .sudo()
            .search_count(
                [
                    ("provider_id", "=", self.id),
                    ("state", "=", "done"),
                    ("operation", "not in", ("refund", "validation")),
                    ("last_state_change", ">", since),
                    ("trpay_notification_ids", "=", False),
                ]
            )
        )


def _forwarded_by_a_proxy():
    return bool(request) and "X-Forwarded-For" in request.httprequest.headers


def _is_public_host(host):
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".test", ".internal"))
