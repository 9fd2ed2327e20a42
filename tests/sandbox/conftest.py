"""A running sandbox, a shop that answers its notifications, and a shop's side of PayTR's API."""

import itertools
import json
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests
from paytr_signing import BASKET, CARD_ORDER, EFT_ORDER, MERCHANT, signature
from platformode_shop import Platformode
from platformode_signing import MERCHANT as PLATFORMODE_MERCHANT

sys.path.insert(0, str(Path(__file__).parents[2]))  # the sandbox is run from a checkout

from sandbox.server import Sandbox, Server

SECONDS = 30


class Shop:
    """Listens at the notification URL and answers what a test tells it to; OK otherwise."""

    def __init__(self):
        self._changed = threading.Condition()
        self._visits = itertools.count(1)
        self.start_over()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = shop._take(self.path, self.headers["Content-Type"], body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self.path}"

    def start_over(self):
        """A fresh address with no history: what was meant for an earlier test does not count."""
        with self._changed:
            self.path = f"/notify/{next(self._visits)}/"
            self.answers: deque[tuple[int, bytes]] = deque()
            self.received: list[dict[str, str]] = []
            self.bodies: list[bytes] = []
            self.content_types: list[str] = []

    def _take(self, path: str, content_type: str, body: bytes) -> tuple[int, bytes]:
        with self._changed:
            if not path.startswith(self.path):
                return 200, b"OK"
            self.bodies.append(body)
            self.content_types.append(content_type)
            self.received.append(dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True)))
            self._changed.notify_all()
            return self.answers.popleft() if self.answers else (200, b"OK")

    def wait(self, count: int) -> list[dict[str, str]]:
        """The messages, as soon as there are `count` of them."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= count, SECONDS)
            return list(self.received)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class PayTR:
    """What a shop does with PayTR, and what a test does with the sandbox."""

    def __init__(self, url: str):
        self.root = url
        self.url = f"{url}/paytr"
        self.control_url = f"{url}/_control"
        self.session = requests.Session()
        self.session.trust_env = False

    # --- the API, signed

    def card_fields(self, oid: str = "SO0001x7f3a", **changes: str) -> dict[str, str]:
        return {
            "merchant_id": MERCHANT["id"],
            "user_ip": "203.0.113.7",
            "merchant_oid": oid,
            "email": "ali.veli@example.com",
            "payment_amount": "4900",
            "user_basket": BASKET,
            "no_installment": "0",
            "max_installment": "0",
            "currency": "TL",
            "test_mode": "1",
            "user_name": "Ali Veli",
            "user_address": "Örnek Mah. 1, İzmir",
            "user_phone": "05551234567",
            "merchant_ok_url": "https://shop.example/ok",
            "merchant_fail_url": "https://shop.example/fail",
        } | changes

    def eft_fields(self, oid: str = "SO0001x7f3a", **changes: str) -> dict[str, str]:
        names = ("merchant_id", "user_ip", "merchant_oid", "email", "payment_amount", "test_mode")
        card = self.card_fields(oid)
        return {name: card[name] for name in names} | {"payment_type": "eft"} | changes

    def get_token(self, fields: dict[str, str], order=CARD_ORDER) -> dict:
        values = [fields.get(name, "") for name in order]
        token = signature(*values, MERCHANT["salt"])
        return self.post("/odeme/api/get-token", {"paytr_token": token} | fields)

    def open(self, oid: str = "SO0001x7f3a", **changes: str) -> str:
        return self._token(self.get_token(self.card_fields(oid, **changes)))

    def open_eft(self, oid: str = "SO0001x7f3a", **changes: str) -> str:
        return self._token(self.get_token(self.eft_fields(oid, **changes), EFT_ORDER))

    def _token(self, answer: dict) -> str:
        assert answer["status"] == "success", answer
        return answer["token"]

    def refund(self, oid: str, amount: str, **changes: str) -> dict:
        fields = {"merchant_id": MERCHANT["id"], "merchant_oid": oid, "return_amount": amount}
        token = signature(*fields.values(), MERCHANT["salt"])
        return self.post("/odeme/iade", fields | {"paytr_token": token} | changes)

    def status(self, oid: str, **changes: str) -> dict:
        fields = {"merchant_id": MERCHANT["id"], "merchant_oid": oid}
        token = signature(*fields.values(), MERCHANT["salt"])
        return self.post("/odeme/durum-sorgu", fields | {"paytr_token": token} | changes)

    def post(self, path: str, fields: dict[str, str], **options) -> dict:
        return self.session.post(self.url + path, data=fields, **options).json()

    # --- the buyer

    def page_url(self, token: str) -> str:
        return f"{self.url}/odeme/guvenli/{token}"

    def buyer_pays(self, token: str, number: str = "4355084355084358", **changes: str):
        """Fill in the card form; the answer is the 3D Secure page's address, or a page."""
        form = {
            "action": "pay",
            "cc_owner": "PAYTR TEST",
            "card_number": number,
            "expiry_month": "12",
            "expiry_year": "30",
            "cvv": "000",
            "installment_count": "1",
        }
        return self.session.post(
            self.page_url(token), data=form | changes, allow_redirects=False, timeout=SECONDS
        )

    def buyer_confirms(self, token: str, code: str = "123456", **changes: str):
        form = {"action": "confirm", "code": code} | changes
        url = f"{self.page_url(token)}/3d"
        return self.session.post(url, data=form, allow_redirects=False, timeout=SECONDS)

    # --- the control API

    def control(self, method: str, path: str, body: dict | None = None, status: int = 200):
        response = self.session.request(method, self.control_url + path, json=body)
        assert response.status_code == status, response.text
        return response.json()

    def configure(self, **settings) -> dict:
        return self.control("PATCH", f"/paytr/merchants/{MERCHANT['id']}", settings)

    def pay(self, token: str, **wish) -> dict:
        return self.control("POST", f"/paytr/tokens/{token}/pay", wish)

    def payment(self, token: str) -> dict:
        return self.control("GET", f"/paytr/tokens/{token}")

    def paid_order(self, oid: str = "SO0001x7f3a", **wish) -> str:
        """An order that is paid and acknowledged."""
        told = self.pay(self.open(oid), **wish)
        assert told["payment"]["acknowledged"]
        return oid

    def fault(self, service: str, kind: str, **options) -> dict:
        fault = {"psp": "paytr", "service": service, "kind": kind} | options
        return self.control("POST", "/faults", fault, 201)

    def totals(self, oid: str) -> dict:
        (order,) = self.control("GET", f"/ledger?order={oid}")["orders"]
        return order


@pytest.fixture(scope="session")
def server():
    with Server(Sandbox(notify_retry_seconds=0.03)) as running:
        yield running


@pytest.fixture(scope="session")
def listening_shop():
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def shop(listening_shop) -> Shop:
    listening_shop.start_over()
    return listening_shop


@pytest.fixture(scope="session")
def client(server) -> PayTR:
    return PayTR(server.url)


@pytest.fixture
def paytr(server, client, shop) -> PayTR:
    server.sandbox.reset(merchants_too=True)
    merchant = ":".join([*MERCHANT.values(), shop.url])
    server.sandbox.psps["paytr"].add_merchant_from_text(merchant)
    return client


@pytest.fixture(scope="session")
def platformode_client(server) -> Platformode:
    return Platformode(server.url)


@pytest.fixture
def platformode(server, platformode_client, shop) -> Platformode:
    """A shop with a token whose web hooks all arrive at `shop`."""
    server.sandbox.reset(merchants_too=True)
    merchant = ":".join([*PLATFORMODE_MERCHANT.values(), shop.url])
    server.sandbox.psps["platformode"].add_merchant_from_text(merchant)
    platformode_client.log_in()
    return platformode_client


@pytest.fixture(scope="session")
def vectors() -> dict[str, dict[str, str]]:
    data = json.loads(Path(__file__).with_name("paytr_vectors.json").read_text())
    return {vector["case"]: vector for vector in data["vectors"]}
