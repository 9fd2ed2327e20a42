"""Platformode: branded page, card services, refunds, holds, saved cards, recurring payments."""

import threading
from datetime import datetime, timedelta

from .. import clock
from . import afterwards, api, control, listings, pages, panel, recurring, vault, whitelabel
from .checkout import Checkout
from .messages import Messages
from .recurring import Recurring
from .store import HOOKS, Merchant, Store


class Platformode(Checkout, Messages, Recurring):
    code = "platformode"
    title = "Platformode"
    routes = (
        api.routes,
        pages.routes,
        afterwards.routes,
        whitelabel.routes,
        vault.routes,
        recurring.routes,
        listings.routes,
    )
    control = (control.routes, panel.routes)

    def __init__(self, world):
        self.world = world
        self.lock = threading.RLock()
        self.store = Store()
        self.ahead = timedelta()  # of the real time: the control API turns the clock

    def now(self) -> datetime:
        return clock.now() + self.ahead

    def reset(self, merchants_too: bool):
        with self.lock:
            self.ahead = timedelta()
            self.store.clear_payments()
            if merchants_too:
                self.store.merchants.clear()

    def add_merchant_from_text(self, text: str):
        """APP_ID:APP_SECRET:MERCHANT_KEY:ID:NOTIFY_URL, as the command line gives it.

        The web hooks for sales, refunds and recurring payments are at and below that address.
        """
        app_id, app_secret, merchant_key, merchant_id, url = text.split(":", 4)
        hooks = dict(zip(HOOKS, (url, f"{url}/refund", f"{url}/recurring"), strict=True))
        merchant = Merchant(app_id, app_secret, merchant_key, merchant_id, hooks)
        self.store.merchants[merchant.id] = merchant

    def overview(self) -> dict:
        """What the landing page shows."""
        return {
            "title": self.title,
            "code": self.code,
            "secure_code": pages.SECURE_PASSWORD,
            "merchants": [
                {"id": item.id, "notify_url": " ".join(item.hooks.values()), "live": False}
                for item in self.store.merchants.values()
            ],
            "payments": [
                {
                    "merchant": item.merchant.id,
                    "order": item.invoice_id,
                    "kind": item.kind,
                    "amount": item.amount,
                    "total": item.charged,
                    "currency": item.currency,
                    "state": item.status,
                }
                for item in reversed(self.store.payments.values())
            ],
        }
