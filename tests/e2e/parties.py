"""Who takes part in a payment, each through the door that they have in real life.

``Odoo``      the merchant's staff, by the RPC of the back office; and time, which they can't move
``PSP``       the sandbox: what happens on the side of the payment provider
``Buyer``     a customer without a browser, for what is not about pages
``Payment``   one attempt to pay, as all of them know it
"""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests

PATIENCE = 60  # Seconds that anything here may take.


def wait_for(condition, seconds=PATIENCE):
    """Return what the condition returns as soon as that is true; fail if it never is."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still {value!r} after {seconds} seconds"
        time.sleep(0.05)
    return value


def kurus(amount):
    """Turn an amount of Odoo into whole minor units."""
    return round(amount * 100)


class RpcError(Exception):
    """What Odoo says to a user who asks for something impossible."""


def _json_rpc(http, url, **params):
    answer = http.post(url, json={"jsonrpc": "2.0", "params": params}, timeout=2 * PATIENCE).json()
    if error := answer.get("error"):
        raise RpcError(error["data"]["message"])
    return answer.get("result")  # Absent where a method returns nothing.


def at_once(*actions):
    """Do things at the same moment; return what came of each, an exception included."""

    def outcome(action):
        try:
            return action()
        except RpcError as error:
            return error

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(outcome, actions))


@dataclass(frozen=True)
class Payment:
    """One attempt to pay."""

    id: int
    reference: str
    order_id: int
    session_id: str  # Of the customer's browser.
    start_route: str

    def route(self, page):
        """Return where another of our pages about this payment is."""
        return self.start_route.replace("/start/", f"/{page}/")


def _id(payment):
    return payment if isinstance(payment, int) else payment.id


class Odoo:
    """The merchant's staff."""

    def __init__(self, shop, databases, login="admin"):
        self.url = shop.url
        self._database = shop.database
        self._databases = databases
        self.session_id = self._log_in(login)

    def _log_in(self, login):
        with requests.Session() as http:
            params = {"db": self._database, "login": login, "password": login}
            _json_rpc(http, f"{self.url}/web/session/authenticate", **params)
            return http.cookies["session_id"]

    def call(self, model, method, *args, **kwargs):
        """Call a method as the back office does. Each call has a connection of its own."""
        with requests.Session() as http:
            http.cookies["session_id"] = self.session_id
            url = f"{self.url}/web/dataset/call_kw/{model}/{method}"
            params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
            return _json_rpc(http, url, **params)

    def find(self, model, domain, *fields, **options):
        """Return the records that fit, each as a dictionary."""
        return self.call(model, "search_read", domain, fields, load=None, **options)

    def read(self, model, record_id, *fields):
        """Return one record as a dictionary."""
        return self.call(model, "read", [record_id], fields, load=None)[0]

    def portal_url(self, model, record_id):
        """Return the address of the customer's page about a document."""
        return self.call(model, "get_portal_url", [record_id])

    # --- people

    def employ(self, login, *groups):
        """Make a user whose password is the login, with these groups only."""
        ids = [self._xmlid_to_id(group) for group in groups]
        values = {"name": login, "login": login, "password": login, "group_ids": [(6, 0, ids)]}
        self.call("res.users", "create", values)

    def _xmlid_to_id(self, xmlid):
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        return self.find("ir.model.data", domain, "res_id")[0]["res_id"]

    # --- selling

    def order(self, amount):
        """Make a quotation over this amount and return its id."""
        product, *_ = self.find("product.product", [("sale_ok", "=", True)], limit=1)
        partner = self.call("res.partner", "name_search", "Ali Veli", limit=1)
        partner_id = partner[0][0] if partner else self._new_partner()
        line = {"product_id": product["id"], "price_unit": amount, "tax_ids": False}
        return self.call(
            "sale.order", "create", {"partner_id": partner_id, "order_line": [(0, 0, line)]}
        )

    def _new_partner(self):
        (turkiye,) = self.find("res.country", [("code", "=", "TR")])
        return self.call(
            "res.partner",
            "create",
            {
                "name": "Ali Veli",
                "email": "ali@example.com",
                "phone": "+905551112233",
                "street": "Atatürk Cad. 1",
                "city": "İzmir",
                "country_id": turkiye["id"],
            },
        )

    # --- looking

    def transaction(self, payment, *fields):
        """Return fields of a payment's transaction. It may be given by its id."""
        return self.read("payment.transaction", _id(payment), *fields)

    def state(self, payment):
        """Return the state of the payment's transaction."""
        return self.transaction(payment, "state")["state"]

    def state_of(self, reference):
        """Return the state of the transaction with this reference."""
        (tx,) = self.find("payment.transaction", [("reference", "=", reference)], "state")
        return tx["state"]

    def wait_for_state(self, payment, *states):
        """Wait until the payment's transaction is in one of these states, and return that."""
        return wait_for(lambda: (state := self.state(payment)) in states and state)

    def wait_until_booked(self, payment):
        """Wait until Odoo is done with a paid transaction; return the id of its payment."""
        fields = ("state", "is_post_processed", "payment_id")
        is_booked = lambda tx: tx["state"] == "done" and tx["is_post_processed"]  # noqa: E731
        return wait_for(
            lambda: is_booked(tx := self.transaction(payment, *fields)) and tx["payment_id"]
        )

    def refunds(self, payment, *fields):
        """Return the refunds of a payment."""
        domain = [("source_transaction_id", "=", _id(payment)), ("operation", "=", "refund")]
        return self.find("payment.transaction", domain, "state", "amount", *fields, order="id")

    def wait_for_refunds(self, payment, *expected):
        """Wait until the payment has these refunds: the state and the amount of each."""

        def current():
            return [(refund["state"], refund["amount"]) for refund in self.refunds(payment)]

        wait_for(lambda: current() == list(expected))

    def book(self, payment):
        """Return what Odoo believes was paid and given back, in minor units."""
        tx = self.transaction(payment, "state", "amount", "trpay_surcharge")
        is_paid = tx["state"] == "done"
        refunds = [refund for refund in self.refunds(payment) if refund["state"] == "done"]
        return {
            "collected": is_paid * kurus(tx["amount"] + tx["trpay_surcharge"]),
            "surcharge": is_paid * kurus(tx["trpay_surcharge"]),
            "refunded": -sum(kurus(refund["amount"]) for refund in refunds),
        }

    def order_state(self, payment):
        """Return the state of the order that is paid."""
        return self.read("sale.order", payment.order_id, "state")["state"]

    def to_do(self, payment):
        """Return the to-do about a payment or refund, done or not: who has it and what it says."""
        activity = self.transaction(payment, "trpay_activity_id")["trpay_activity_id"]
        fields = ("user_id", "note")
        return self.read("mail.activity", activity, *fields) if activity else None

    # --- acting

    def refund(self, payment_id, amount):
        """Refund a part of an `account.payment` as the wizard does."""
        context = {"active_id": payment_id, "active_model": "account.payment"}
        wizard = self.call(
            "payment.refund.wizard", "create", {"amount_to_refund": amount}, context=context
        )
        return self.call("payment.refund.wizard", "action_refund", [wizard])

    @contextmanager
    def unreachable_psp(self, code="paytr"):
        """Let the PSP be where nobody listens."""
        key = f"payment_trpay.endpoint.{code}"
        address = self.call("ir.config_parameter", "get_param", key)
        self.call("ir.config_parameter", "set_param", key, "http://127.0.0.1:9")
        try:
            yield
        finally:
            self.call("ir.config_parameter", "set_param", key, address)

    # --- time

    def sql(self, statement):
        """Run a statement in the shop's database, for what no user can do."""
        return self._databases.sql(statement, database=self._database)

    def later(self, payment, minutes=15):
        """Let some time pass for a payment and its refunds: what is to be asked later is due."""
        self.sql(
            "UPDATE payment_transaction SET"
            " trpay_next_inquiry = trpay_next_inquiry - interval '20 days',"
            f" trpay_last_inquiry = trpay_last_inquiry - interval '{minutes} minutes',"
            f" trpay_sent = trpay_sent - interval '{minutes} minutes'"
            f" WHERE {_id(payment)} IN (id, source_transaction_id) AND state != 'done'"
        )

    def reconcile(self):
        """Run the reconciliation as "Run Manually" does, and wait for its end."""
        self.run_cron("payment_trpay.cron_reconcile")

    def compare(self, psp):
        """Let a day pass, and hold the books against the PSP's lists."""
        psp.catch_up()  # The same list may not be asked for twice at once.
        self.sql("UPDATE payment_provider SET trpay_next_comparison = NULL")
        self.run_cron("payment_trpay.cron_comparison")
        self.sql(
            "UPDATE payment_transaction SET trpay_next_comparison = now() - interval '1 day'"
            " WHERE trpay_next_comparison IS NOT NULL"
        )
        self.reconcile()

    def run_cron(self, xmlid):
        """Run a scheduled action as "Run Manually" does, and wait for its end."""
        cron_id = self._xmlid_to_id(xmlid)

        def run():
            try:
                self.call("ir.cron", "method_direct_trigger", [cron_id])
            except RpcError as error:
                if "already executing" not in str(error):
                    raise
                return False
            return True

        wait_for(run)


class PSP:
    """The sandbox, by its control API."""

    code: str
    merchant: str
    order_field: str  # How the PSP calls the number of an order.

    def __init__(self, shop):
        self._url = f"{shop.sandbox_url}/_control"
        self._merchant = f"{self.code}/merchants/{self.merchant}"

    def ask(self, method, path, **body):
        """Call the control API."""
        answer = requests.request(
            method, f"{self._url}/{path}", json=body or None, timeout=PATIENCE
        )
        assert answer.ok, answer.text
        return answer.json()

    def notifications(self, payment):
        """Return the messages that the PSP has sent, with every answer of the shop."""
        return self.ask("GET", f"notifications?order={payment.reference}")

    def suffer(self, service, kind, payment=None, **details):
        """Let something go wrong, once by default, and for this payment only if one is given."""
        if payment:  # Otherwise it may strike what an earlier test left behind.
            details["match"] = {self.order_field: payment.reference}
        self.ask("POST", "faults", psp=self.code, service=service, kind=kind, **details)

    def release(self):
        """Send the messages that were held back."""
        self.ask("POST", "notifications/release")

    def recover(self):
        """Let nothing go wrong any more."""
        self.ask("DELETE", "faults")

    def settings(self):
        """Return the merchant's settings."""
        return self.ask("GET", self._merchant)

    def change(self, **settings):
        """Change settings of the merchant."""
        self.ask("PATCH", self._merchant, **settings)

    def book(self, payment):
        """Return what was really paid and given back, in minor units."""
        reference = payment if isinstance(payment, str) else payment.reference
        orders = self.ask("GET", f"ledger?order={reference}")["orders"]
        sums = orders[0] if orders else {}
        return {name: sums.get(name, 0) for name in ("collected", "surcharge", "refunded")}


class PayTR(PSP):
    """PayTR as the sandbox plays it."""

    code, merchant, order_field = "paytr", "123456", "merchant_oid"

    def pay(self, payment, **how):
        """Let the customer pay, and return how it went, told by the PSP."""
        return self.ask("POST", f"paytr/tokens/{payment.reference}/pay", **how)

    def expire(self, payment):
        """Let the customer's time run out."""
        return self.ask("POST", f"paytr/tokens/{payment.reference}/expire")

    def panel(self, payment, act, **wish):
        """Do something in the merchant's panel."""
        return self.ask("POST", f"paytr/tokens/{payment.reference}/panel/{act}", **wish)

    def catch_up(self, payment=None):
        """Repeat the message that got lost: before, nothing is refunded."""
        if payment:
            self.notify(payment)

    def settle(self, payment, **how):
        """Find the customer's bank transfer, or with a code do not."""
        return self.ask("POST", f"paytr/tokens/{payment.reference}/settle", **how)

    def notify(self, payment, **message):
        """Send a message about the payment, by default the last one again."""
        order = {"merchant_oid": payment.reference, "wait": PATIENCE - 5} | message
        return self.ask("POST", "paytr/notifications", **order)


class Platformode(PSP):
    """Platformode as the sandbox plays it."""

    code, merchant, order_field = "platformode", "98765", "invoice_id"

    def pay(self, payment, **how):
        """Let the customer pay, and return how it went, told by the PSP."""
        return self.ask("POST", f"platformode/payments/{payment.reference}/pay", **how)

    def notify(self, payment, status="success"):
        """Send the sale web hook again, or one that says the opposite."""
        fields = {"status": "Completed" if status == "success" else "Failed"}
        body = {"invoice_id": payment.reference, "kind": "sale", "fields": fields}
        return self.ask("POST", "platformode/notifications", wait=PATIENCE - 5, **body)

    def panel(self, payment, act, **wish):
        """Do something in the merchant's panel, or as the cardholder's bank."""
        return self.ask("POST", f"platformode/payments/{payment.reference}/panel/{act}", **wish)

    def catch_up(self, _payment=None):
        """Turn the clock: two refunds of a payment need half a minute between them."""
        self.ask("POST", "platformode/clock", seconds=60)

    def calls(self, service, payment=None):
        """Return how often a service was called, for a payment or at all."""
        order = f"&invoice_id={payment.reference}" if payment else ""
        return self.ask("GET", f"platformode/calls?service={service}{order}")["total"]

    def forge(self, payment, **how):
        """Return an address that claims success and that Platformode never sent anybody to."""
        return self.ask("POST", f"platformode/payments/{payment.reference}/forge", **how)["url"]


PSPS = {psp.code: psp for psp in (PayTR, Platformode)}


class Buyer:
    """A customer who pays a quotation by the link in it."""

    def __init__(self, shop, odoo, code):
        self._shop = shop
        self._odoo = odoo
        (provider,) = odoo.find("payment.provider", [("code", "=", code)])
        self._provider_id = provider["id"]

    def choose(self, amount=100.00, order_id=None, method="card"):
        """Choose to pay an order by this provider, and return the payment, its page unopened."""
        order_id = order_id or self._odoo.order(amount)
        with requests.Session() as http:
            http.headers["Accept-Language"] = "tr-TR"
            route = self._choose(http, order_id, amount, method)
            session_id = http.cookies["session_id"]
        tx_id = int(route.split("/")[4])
        reference = self._odoo.transaction(tx_id, "reference")["reference"]
        return Payment(tx_id, reference, order_id, session_id, start_route=route)

    def start(self, *args, **kwargs):
        """Choose how to pay, and return the payment, its page opened."""
        payment = self.choose(*args, **kwargs)
        self.visit(payment, "start")
        return payment

    def visit(self, payment, page):
        """Open one of our pages about the payment."""
        cookies = {"session_id": payment.session_id}
        answer = requests.get(self._shop.url + payment.route(page), cookies=cookies, timeout=60)
        assert answer.ok, answer.text

    def send_card(self, payment, number):
        """Post the shop's own card form, as a browser does, and follow where that leads."""
        card = {
            "card_number": number,
            "card_holder": "Elif Sahin",
            "card_month": "12",
            "card_year": "2030",
            "card_code": "000",
            "plan": "1",
        }
        cookies = {"session_id": payment.session_id}
        address = self._shop.url + payment.route("card")
        assert requests.post(address, data=card, cookies=cookies, timeout=60).ok

    def _choose(self, http, order_id, amount, method):
        link = urlsplit(self._odoo.call("sale.order", "get_portal_url", [order_id]))
        (method,) = self._odoo.find("payment.method", [("code", "=", method)])
        values = _json_rpc(
            http,
            f"{self._shop.url}/my/orders/{order_id}/transaction",
            order_id=order_id,
            access_token=parse_qs(link.query)["access_token"][0],
            provider_id=self._provider_id,
            payment_method_id=method["id"],
            token_id=None,
            amount=amount,
            flow="redirect",
            tokenization_requested=False,
            landing_route=link.geturl(),
        )
        return re.search(r'action="([^"]+)"', values["redirect_form_html"])[1]

    def paid(self, psp, amount=100.00, **how):
        """Pay, and return the payment once it is in Odoo's books."""
        payment = self.start(amount)
        psp.pay(payment, **how)
        self._odoo.wait_until_booked(payment)
        return payment
