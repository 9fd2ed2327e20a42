"""A shop's side of Platformode's API, its buyers, and what a test does with the sandbox."""

import json
from urllib.parse import parse_qsl, urlsplit

import requests
from platformode_signing import KEY, MERCHANT, hash_key

INVOICE = "SO0001-1"
OK, FAIL = "https://shop.example/ok", "https://shop.example/fail"
VISA, WORLD = "4355084355084358", "5400110000000002"
SECONDS = 30


def item(price="100.00", quantity=1, **changes) -> dict:
    row = {"name": "Deneme", "price": price, "quantity": quantity, "description": "Deneme ürün"}
    return row | changes


class Platformode:
    def __init__(self, url: str):
        self.root = url
        self.url = f"{url}/platformode"
        self.control_url = f"{url}/_control"
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = ""

    # --- the API

    def get_token(self, **changes: str) -> dict:
        fields = {"app_id": MERCHANT["app_id"], "app_secret": MERCHANT["app_secret"]}
        return self.session.post(f"{self.url}/api/token", json=fields | changes).json()

    def log_in(self):
        self.token = self.get_token()["data"]["token"]

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}

    def call(self, path: str, fields: dict, status: int = 200, **options) -> dict:
        options = {"headers": self.headers()} | options
        response = self.session.post(self.url + path, json=fields, timeout=SECONDS, **options)
        assert response.status_code == status, response.text
        return response.json()

    def invoice(self, invoice_id: str = INVOICE, **changes) -> dict:
        return {
            "invoice_id": invoice_id,
            "invoice_description": "Deneme siparişi",
            "total": "100.00",
            "return_url": OK,
            "cancel_url": FAIL,
            "items": [item()],
        } | changes

    def link(self, invoice: dict | str | None = None, **changes) -> dict:
        invoice = self.invoice() if invoice is None else invoice
        form = {
            "merchant_key": KEY,
            "currency_code": "TRY",
            "invoice": invoice if isinstance(invoice, str) else json.dumps(invoice),
            "name": "Ali",
            "surname": "Veli",
            "sale_web_hook_key": "odoo_sale",
        } | changes
        return self.session.post(f"{self.url}/purchase/link", data=form, timeout=SECONDS).json()

    def open(self, invoice_id: str = INVOICE, **changes) -> str:
        """The address of a page where one may pay."""
        answer = self.link(self.invoice(invoice_id), **changes)
        assert answer["status"] == "true", answer
        return answer["link"]

    def status(self, invoice_id: str = INVOICE, **changes) -> dict:
        fields = {"invoice_id": invoice_id, "merchant_key": KEY}
        fields["hash_key"] = hash_key(invoice_id, KEY)
        return self.call("/api/checkstatus", fields | changes)

    def refund(self, amount="100.00", invoice_id: str = INVOICE, number="R1", **changes) -> dict:
        fields = {
            "invoice_id": invoice_id,
            "amount": amount,
            "app_id": MERCHANT["app_id"],
            "app_secret": MERCHANT["app_secret"],
            "merchant_key": KEY,
            "hash_key": hash_key(amount, invoice_id, KEY),
            "refund_transaction_id": number,
            "refund_web_hook_key": "odoo_refund",
        }
        return self.call("/api/refund", fields | changes)

    def confirm(self, status="1", invoice_id: str = INVOICE, **changes) -> dict:
        fields = {"merchant_key": KEY, "invoice_id": invoice_id, "status": status}
        fields["hash_key"] = hash_key(KEY, invoice_id, status)
        return self.call("/api/confirmPayment", fields | changes)

    def complete(self, order_id: str, status="complete", **changes) -> dict:
        fields = {"merchant_key": KEY, "invoice_id": INVOICE, "order_id": order_id}
        fields |= {"status": status, "hash_key": hash_key(KEY, INVOICE, order_id, status)}
        return self.call("/payment/complete", fields | changes)

    # --- white label

    def order(self, invoice_id: str = INVOICE, **changes) -> dict:
        """The fields of a payment whose card form is the shop's own, hash and all."""
        fields = self.invoice(invoice_id) | {
            "merchant_key": KEY,
            "currency_code": "TRY",
            "currency_id": "1",
            "installments_number": "1",
            "name": "Ali",
            "surname": "Veli",
            "sale_web_hook_key": "odoo_sale",
        }
        fields |= changes
        names = ("total", "installments_number", "currency_code", "merchant_key", "invoice_id")
        signed = hash_key(*(fields.get(name, "") for name in names))
        return {"hash_key": signed} | fields

    def card(self, number: str = VISA, **changes: str) -> dict[str, str]:
        return {
            "cc_holder_name": "Ali Veli",
            "cc_no": number,
            "expiry_month": "12",
            "expiry_year": "2030",
            "cvv": "000",
        } | changes

    def submit(self, path: str, fields: dict):
        """What the buyer's browser does with the shop's form."""
        if isinstance(fields.get("items"), list):
            fields = fields | {"items": json.dumps(fields["items"])}
        return self.session.post(
            self.url + path, data=fields, allow_redirects=False, timeout=SECONDS
        )

    def pay_3d(self, number: str = VISA, invoice_id: str = INVOICE, **changes) -> str:
        """The address of the 3D Secure page."""
        answer = self.submit(
            "/api/paySmart3D", self.order(invoice_id, **changes) | self.card(number)
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    # --- the buyer

    def fill_in(self, link: str, number: str = VISA, **changes: str):
        """Submit the card form; the answer is the 3D Secure page's address, or a page."""
        form = {"action": "pay", "installments_number": "1"} | self.card(number) | changes
        return self.session.post(link, data=form, allow_redirects=False, timeout=SECONDS)

    def confirm_3d(self, link: str, password: str = "a", **changes: str):
        form = {"action": "confirm", "password": password} | changes
        url = link if link.endswith("/3d") else f"{link}/3d"
        return self.session.post(url, data=form, allow_redirects=False, timeout=SECONDS)

    def come_back(self, response) -> tuple[str, dict[str, str]]:
        """The shop's address and the parameters with which the browser comes back."""
        assert response.status_code == 303, response.text
        url = urlsplit(response.headers["Location"])
        fields = dict(parse_qsl(url.query, keep_blank_values=True))
        return f"{url.scheme}://{url.netloc}{url.path}", fields

    def buy(self, number: str = VISA, password: str = "a", **changes) -> dict[str, str]:
        """The whole way through the branded page."""
        link = self.open(**changes)
        assert self.fill_in(link, number).status_code == 303
        return self.come_back(self.confirm_3d(link, password))[1]

    # --- the control API

    def control(self, method: str, path: str, body: dict | None = None, status: int = 200):
        response = self.session.request(method, self.control_url + path, json=body)
        assert response.status_code == status, response.text
        return response.json() if status < 400 else {}

    def configure(self, **settings) -> dict:
        return self.control("PATCH", f"/platformode/merchants/{MERCHANT['id']}", settings)

    def wait_for(self, seconds: float):
        """Turn the sandbox's clock."""
        self.control("POST", "/platformode/clock", {"seconds": seconds})

    def pay(self, reference: str = INVOICE, **wish) -> dict:
        return self.control("POST", f"/platformode/payments/{reference}/pay", wish)

    def payment(self, reference: str = INVOICE) -> dict:
        return self.control("GET", f"/platformode/payments/{reference}")

    def paid(self, invoice_id: str = INVOICE, **wish) -> dict:
        """A payment by the branded page, acknowledged by the shop."""
        self.open(invoice_id)
        told = self.pay(invoice_id, **wish)
        assert told["payment"]["state"] == "completed"
        return told["payment"]

    def fault(self, service: str, kind: str, **options) -> dict:
        fault = {"psp": "platformode", "service": service, "kind": kind} | options
        return self.control("POST", "/faults", fault, 201)

    def ledger(self, invoice_id: str = INVOICE) -> dict:
        return self.control("GET", f"/ledger?psp=platformode&order={invoice_id}")

    def totals(self, invoice_id: str = INVOICE) -> dict:
        (order,) = self.ledger(invoice_id)["orders"]
        return order
