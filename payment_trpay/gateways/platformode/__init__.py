"""Platformode (the "ccpayment" family): its branded page, the shop's own card form, and the rest.

The services take JSON and an access token of two hours; the branded page takes a form without one.
What Platformode sends carries a `hash_key` that can be forged, and the browser brings it: nothing
but the answer of `checkstatus` makes a payment true.

Each module is some sections of Platformode's document: `api` and `hash` what all services share,
`answers` the codes, and the others what their names say.
"""

from .afterwards import Afterwards
from .answers import CONTACT_FIELDS
from .api import CURRENCIES
from .completion import Completion
from .lists import Lists
from .rates import Rates
from .recurring import Recurring
from .sale import Sale
from .vault import Vault


class Platformode(Sale, Completion, Afterwards, Vault, Recurring, Rates, Lists):
    """All services of Platformode."""

    code = "platformode"
    credentials = ("app_id", "app_secret", "merchant_key")
    options = ("sale_hook", "refund_hook", "recurring_hook", "vpos_type", "cvv_less")
    live_url = "https://app.platformode.com.tr/ccpayment"
    test_url = "https://testapp.platformode.com.tr/ccpayment"
    currencies = frozenset(CURRENCIES)
    flows = ("page", "card_3d", "card_2d")
    methods = ("card",)
    brands = ("visa", "mastercard", "troy", "amex")
    test_cards = frozenset(["4132260000000003", "4155141122223339"])  # Of the vendor's samples.
    refunds = "partial"
    captures = "partial"
    stores_cards = True
    recurs = True
    resumes = True
    signs = False
    names_refunds = False  # It only tells their sum.
    listed_days = 1
    repeats_reads = False  # The same request within two seconds is an error.
    secret_fields = frozenset(
        [
            "app_secret",
            "merchant_key",
            "hash_key",
            "token",
            "card_token",
            "card_user_key",
            "json_data",  # The whole request of a payment, in the list of all.
            *CONTACT_FIELDS,
            "user_name",
            "gsm_number",
            "identity_number",
            "card_number",
            "cc_no",
            "credit_card_no",
            "expiry_month",
            "expiry_year",
            "cvv",
        ]
    )
    contact_fields = CONTACT_FIELDS
    # "2. … Return URL", "7.4. Sale WebHook", "6.1.Refund WebHook", "7.Recurring WebHook".
    kept_fields = frozenset(
        [
            "status",
            "status_code",
            "status_description",
            "payment_status",
            "payment_method",
            "transaction_type",
            "md_status",
            "error",
            "error_code",
            "amount",
            "product_price",
            "merchant_commission",
            "user_commission",
            "recurring_number",
            "attempts",
            "action_date",
        ]
    )
    # The plan is compared with the one that we know, the others with what the hash covers.
    identifiers = frozenset(["invoice_id", "order_id", "order_no", "plan_code", "hash_key"])
    page_domains = frozenset(["platformode.com.tr", "halkode.com.tr"])
