"""Routes, schedules and sentences: the facts of the Odoo side, in one place."""

from datetime import timedelta

from odoo.tools.translate import LazyTranslate

from .gateways import GATEWAYS
from .gateways.base import Reason

_lt = LazyTranslate(__name__, default_lang="en_US")

# === ROUTES === #

_ROOT = f"/payment/<any({','.join(GATEWAYS)}):code>"
START_ROUTE = f"{_ROOT}/start/<int:tx_id>/<string:access_token>"
BARE_RETURN_ROUTE = f"{_ROOT}/return"
RETURN_ROUTE = f"{_ROOT}/return/<int:tx_id>/<string:access_token>"
CARD_ROUTE = f"{_ROOT}/card/<int:tx_id>/<string:access_token>"
INSTALLMENTS_ROUTE = f"{_ROOT}/installments/<int:tx_id>/<string:access_token>"
FLOW_ROUTE = f"{_ROOT}/flow/<int:tx_id>/<string:access_token>"
LEFT_ROUTE = f"{_ROOT}/left/<int:tx_id>/<string:access_token>"
PLANS_ROUTE = f"{_ROOT}/plans/<int:tx_id>/<string:access_token>"
STATUS_ROUTE = f"{_ROOT}/status/<int:tx_id>/<string:access_token>"
# Some PSPs have several kinds of messages; each says itself what it is about.
NOTIFY_ROUTES = [f"{_ROOT}/notify", f"{_ROOT}/notify/<any(refund,recurring):kind>"]
RECURRING_ROUTE = "/my/recurring/<int:recurring_id>"
DEPOSIT_ROUTE = "/deposit/<string:model>/<int:document_id>/<string:purpose>/transaction"

# === STATES === #

SETTLED = ("authorized", "done")  # Of a transaction whose money is there, or set aside.

# === LIMITS AND SCHEDULES === #

LONGEST_NOTIFICATION = 64 * 1024  # Bytes; a real one has less than one thousand.
REFERENCE_PREFIX_LENGTH = 24
REFERENCE_SUFFIX_LENGTH = 10
# A public address for tests from a private network, where some PSPs refuse payments. Live payments
# never have it.
TEST_CUSTOMER_IP = "203.0.113.7"

# When to ask the PSP again: after half the payment's age, within these bounds.
INQUIRY_SHORTEST, INQUIRY_LONGEST = timedelta(minutes=2), timedelta(hours=12)
INQUIRY_END = timedelta(days=10)
INQUIRY_END_AFTER_FAILURE = timedelta(hours=26)  # A payment page stays open a day at most.
INQUIRY_ENDS = {
    "error": INQUIRY_END_AFTER_FAILURE,
    "cancel": INQUIRY_END_AFTER_FAILURE,
    "authorized": timedelta(days=45),  # Banks reserve money for 7 to 30 days.
}
INQUIRY_PAUSE = timedelta(seconds=10)  # However often something gives reason to ask.
RECURRING_INQUIRY_PAUSE = timedelta(minutes=15)  # Until those are asked about that got no answer.
# Which days of the providers' lists are compared with the books: daily, and weekly, for refunds and
# chargebacks come late.
COMPARISON, LONG_COMPARISON = timedelta(days=10), timedelta(days=90)
LONG_COMPARISON_PAUSE = timedelta(days=6, hours=12)
COMPARISON_PAUSE = timedelta(hours=1)  # Until a provider that did not answer is asked again.
COMPARISON_PATIENCE = timedelta(days=3)  # Until its owner is warned of that.
NOT_LISTED_YET = timedelta(days=1)  # How long what was just done may be missing at the provider.
# How long a cron is left asleep after a payment, to be woken once for several.
WAKING_DELAY = timedelta(seconds=1)
# How long what got no answer must stay unknown to the PSP before it is sent again.
SETTLING = timedelta(minutes=2)
# How often that is sent in all before a person has to look at it.
MOST_TIMES_SENT = 5

# How often a customer who begins to pay gets the whole time to pay again, at most.
HOLD_RENEWALS = 3
# The least time in which a payment can be made, and how long one that runs late is waited for.
HOLD_SHORTEST, HOLD_GRACE = timedelta(minutes=2), timedelta(minutes=2)

# How long the status page leaves the post-processing to the cron.
POST_PROCESSING_TIME = timedelta(seconds=15)
# How long post-processing that did not succeed is tried again at once.
POST_PROCESSING_PATIENCE = timedelta(minutes=30)

# How often the instalments of a card are looked up for one payment: strangers could go on for ever.
MOST_LOOKUPS = 10

# The least and the most payments of one agreement, and days, months or years between two of them.
RECURRING_PAYMENTS, RECURRING_EVERY = (2, 121), (1, 99)

# How many cards may be refused in an hour to one address without 3D Secure: who has stolen a list
# of numbers would try them all.
MOST_REFUSED_CARDS = 5
# How long a card that is being stored keeps the same form from storing another one.
STORING_TIME = timedelta(minutes=1)
REFUSED_CARDS_WINDOW = timedelta(hours=1)
# Until a PSP is asked again to delete a card that it could not delete.
DELETION_PAUSE = timedelta(hours=1)

# === SENTENCES === #

CUSTOMER_REASONS = {
    Reason.BANK_REFUSED: _lt(
        "Your bank did not approve the payment. Please try another card or ask your bank."
    ),
    Reason.AUTHENTICATION_MISSING: _lt(
        "The identity check was not completed. Please try again and enter your mobile number."
    ),
    Reason.AUTHENTICATION_FAILED: _lt(
        "The code from your bank was not right. Please try again with the new code you get."
    ),
    Reason.CARD_EXPIRED: _lt("This card has expired. Please try another card."),
    Reason.CARD_LIMIT_REACHED: _lt(
        "The card's limit or balance is not enough. Please try another card."
    ),
    Reason.CARD_NUMBER_WRONG: _lt("The card number is not right. Please check it and try again."),
    Reason.SECURITY_REFUSED: _lt(
        "The payment did not pass the security check. Please try another card."
    ),
    Reason.ABANDONED: _lt("The payment was not completed in time. Nothing was charged."),
    Reason.INSTALLMENT_REFUSED: _lt(
        "This card cannot be used with instalments. Please choose a single payment or another card."
    ),
    Reason.CARD_NOT_ACCEPTED: _lt("This card is not accepted here. Please try another card."),
    Reason.THREE_DS_REQUIRED: _lt(
        "This payment needs 3D Secure. Please try again with a card enrolled in 3D Secure."
    ),
    Reason.FRAUD_SUSPECTED: _lt(
        "The payment was stopped for security reasons. Please contact us or try another card."
    ),
    Reason.STORED_CARD_UNUSABLE: _lt(
        "This saved card cannot be used any more. Please enter the card again."
    ),
    Reason.IDENTITY_MISSING: _lt(
        "Your T.C. identity or tax number is missing or not right. Please enter it with your"
        " address and try again."
    ),
    Reason.NAME_REFUSED: _lt(
        "Your name was not accepted. Please write first name and surname in plain letters, then"
        " pay again."
    ),
    Reason.EMAIL_REFUSED: _lt(
        "Your e-mail address was not accepted. Please correct it, then pay again."
    ),
    Reason.PHONE_REFUSED: _lt(
        "Your phone number was not accepted. Please correct it, then pay again."
    ),
    Reason.ADDRESS_REFUSED: _lt(
        "Your address was not accepted. Please correct it, then pay again."
    ),
    Reason.IP_REFUSED: _lt(
        "This payment cannot be made over your internet connection. Nothing was charged. Please"
        " choose another way to pay, or contact us."
    ),
    Reason.CHARACTER_REFUSED: _lt(
        "There is a character that is not accepted in your name, address, e-mail address or phone"
        " number. Please correct it, then pay again."
    ),
    Reason.NOT_AVAILABLE: _lt(
        "What you wanted to pay for is not available any more. Nothing was charged."
    ),
    Reason.NOTHING_TO_PAY: _lt("There is nothing to pay."),
    Reason.ALREADY_PAID: _lt("This was paid already. You need not pay again."),
    Reason.AMOUNT_CHANGED: _lt(
        "The amount to pay has changed meanwhile. Please go back and pay the new amount."
    ),
    Reason.PAYMENT_ON_THE_WAY: _lt(
        "A payment for this is on its way already. Please wait for its result."
    ),
    Reason.NOT_COMPLETED: _lt(
        "The payment was not completed, and nothing was charged. Please try again."
    ),
    Reason.TECHNICAL: _lt(
        "The payment could not be made for a technical reason. Please try again or contact us."
    ),
    Reason.TRANSFER_NOT_FOUND: _lt(
        "Your bank transfer was not found. Please check that it was sent and try again."
    ),
    Reason.TRANSFER_TOO_LOW: _lt("The amount that you transferred is too low. Please contact us."),
    Reason.TRANSFER_UNDER_REVIEW: _lt(
        "Your previous transfer is still being checked. Please wait for its result."
    ),
    Reason.TRANSFER_NAME_MISMATCH: _lt(
        "The name or identity number of the transfer does not match what you entered."
    ),
    Reason.TRANSFER_ALREADY_USED: _lt(
        "This transfer was already used for another payment. Please contact us."
    ),
}
# For the owner, when the customer's data is refused; the customer reads `CUSTOMER_REASONS`.
CONTACT_REASONS = {
    Reason.NAME_REFUSED: _lt(
        "The provider does not take the customer's name, or the name on the card. Correct that of"
        " the contact."
    ),
    Reason.EMAIL_REFUSED: _lt(
        "There is no e-mail address that the provider takes. Correct that of the contact, and give"
        " your company one: it is sent where the customer's cannot be."
    ),
    Reason.PHONE_REFUSED: _lt(
        "The provider does not take the customer's phone number. Correct that of the contact."
    ),
    Reason.ADDRESS_REFUSED: _lt(
        "The provider does not take the customer's address. Correct that of the contact."
    ),
    Reason.IP_REFUSED: _lt(
        "The provider wants the customer's public IP address, and this server does not see it. Is"
        " there a proxy before it? Then set proxy_mode in the server's configuration, and have the"
        " proxy send X-Forwarded-For and X-Forwarded-Host. Within your own network nobody has a"
        " public address: pay there over another connection."
    ),
    Reason.CHARACTER_REFUSED: _lt(
        "The provider found a character that it does not take in the customer's name, address,"
        " e-mail address or phone number. Correct the contact."
    ),
}
OWNER_REASONS = CONTACT_REASONS | {
    Reason.MISSING_KEYS: _lt("The credentials are not complete. Fill them in and save."),
    Reason.WRONG_MERCHANT: _lt(
        "The merchant ID is wrong or the store is not active. Copy it again from the panel:"
        " Destek & Kurulum > Entegrasyon Bilgileri."
    ),
    Reason.WRONG_KEYS: _lt(
        "The merchant key or the merchant salt is wrong. Copy both again from the panel, character"
        " by character: Destek & Kurulum > Entegrasyon Bilgileri."
    ),
    Reason.KEYS_SWAPPED: _lt(
        "The merchant key and the merchant salt are in each other's place. Swap them."
    ),
    Reason.WRONG_APP: _lt(
        "The app ID or the app secret is wrong. Copy both again from the panel, and mind that test"
        " and live have keys of their own."
    ),
    Reason.WRONG_MERCHANT_KEY: _lt(
        "The merchant key is wrong. Copy all of it from the panel, with its $ signs and dots."
    ),
    Reason.WRONG_HOOK: _lt(
        "The panel has no web hook of that key name. Create it there, or empty the field here."
    ),
    Reason.NOT_ACTIVATED: _lt(
        "Your agreement does not cover this kind of payment. Ask the provider to activate it."
    ),
    Reason.FLOW_NOT_CHOSEN: _lt(
        "Your agreement only allows payments without 3D Secure, with a card form of your own."
        " Choose that under Payment Form if you know what it means for you."
    ),
    Reason.SHOP_LIMIT_REACHED: _lt(
        "A limit of your agreement is reached. Ask the provider to raise it."
    ),
    Reason.AMOUNT_REFUSED: _lt("The amount is too small or too large for your agreement."),
    Reason.CAPTURE_REFUSED: _lt(
        "What was reserved cannot be captured or let go any more. Look it up in the panel."
    ),
    Reason.RECURRENCE_REFUSED: _lt(
        "The provider refuses these recurring payments, or does not know them any more. Look them"
        " up in the panel."
    ),
    Reason.REFUND_TOO_LARGE: _lt("The refund is larger than what is left of the payment."),
    Reason.REFUND_NOT_POSSIBLE: _lt(
        "This payment cannot be refunded from here. Use the provider's panel."
    ),
    Reason.REFUND_TOO_LATE: _lt("The payment is more than a year old and can't be refunded."),
    Reason.REFUND_IN_PART: _lt("Only a part of the refund was given back."),
    Reason.REFUND_REPEATED: _lt("The provider has this refund already."),
    Reason.BALANCE_TOO_LOW: _lt(
        "The store's balance does not cover the refund. It is sent again by itself for ten days:"
        " see that there is balance."
    ),
    Reason.PAYMENT_UNKNOWN: _lt(
        "The provider does not know this payment. Look it up in the panel."
    ),
    Reason.PAYMENT_INCOMPLETE: _lt(
        "The provider says that this payment was never completed. Look it up in the panel."
    ),
    Reason.PAYMENT_NOT_PROCESSED: _lt(
        "The provider has not processed this payment yet. It is asked again by itself."
    ),
    Reason.REQUEST_MISMATCH: _lt(
        "The provider found that the request does not fit its hash: the merchant key and the app"
        " secret may be of different accounts. Copy all keys again from the panel."
    ),
    Reason.CURRENCY_UNKNOWN: _lt(
        "The provider says that this was paid, but not in which currency: it is not in its list of"
        " transactions with the same amount. It is asked again by itself."
    ),
    Reason.UNKNOWN_ERROR: _lt(
        "The provider reports an unknown error, so nobody can say yet what became of it. It is"
        " asked again by itself."
    ),
    Reason.TRY_LATER: _lt("The provider asks to try again later."),
}

REASONS = CUSTOMER_REASONS | OWNER_REASONS
