"""What a shop at PayTR knows and signs: computed once more, not with the sandbox's own code."""

import base64
import hashlib
import hmac

MERCHANT = {"id": "123456", "key": "TESTKEYabcdef123", "salt": "TESTSALTghijk456"}
BASKET = "W1siRGVuZW1lIFx1MDBkY3JcdTAwZmNuXHUwMGZjIiwiMTguMDAiLDFdLFsiS2FyZ28iLCIxNS41MCIsMl1d"
EFT_ORDER = ["merchant_id", "user_ip", "merchant_oid", "email", "payment_amount"]
CARD_ORDER = [*EFT_ORDER, "user_basket", "no_installment", "max_installment", "currency"]
CARD_ORDER += ["test_mode"]
EFT_ORDER += ["payment_type", "test_mode"]


def signature(*fields: str, key: str = MERCHANT["key"]) -> str:
    message = "".join(fields).encode()
    return base64.b64encode(hmac.new(key.encode(), message, hashlib.sha256).digest()).decode()
