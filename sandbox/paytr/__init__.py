"""PayTR: iFrame API (card and Havale/EFT), Link API, refund, status, rates, BIN, reports."""

import threading

from . import api, control, links, pages, reports
from .checkout import Checkout
from .store import Merchant, Store


class PayTR(Checkout):
    code = "paytr"
    title = "PayTR"
    routes = (api.routes, pages.routes, links.routes, reports.routes)
    control = (control.routes,)

    def __init__(self, world):
        self.world = world
        self.lock = threading.RLock()
        self.store = Store()

    def reset(self, merchants_too: bool):
        with self.lock:
            self.store.clear_payments()
            if merchants_too:
                self.store.merchants.clear()

    def add_merchant_from_text(self, text: str):
        """ID:KEY:SALT:NOTIFY_URL, as the command line gives it."""
        merchant_id, key, salt, notify_url = text.split(":", 3)
        self.store.merchants[merchant_id] = Merchant(merchant_id, key, salt, notify_url)

    def overview(self) -> dict:
        """What the landing page shows."""
        return {
            "title": self.title,
            "code": self.code,
            "secure_code": pages.SECURE_CODE,
            "merchants": [
                {"id": item.id, "notify_url": item.notify_url, "live": item.live}
                for item in self.store.merchants.values()
            ],
            "payments": [
                {
                    "merchant": item.merchant.id,
                    "order": item.oid,
                    "kind": item.kind,
                    "amount": item.amount,
                    "total": item.sale.amount if item.sale else item.amount,
                    "currency": item.currency,
                    "state": item.panel_state,
                }
                for item in reversed(self.store.payments())
            ],
        }
