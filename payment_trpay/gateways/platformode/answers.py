"""What Platformode's answers mean: its codes, the banks' codes, and the texts beside them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from ..base import Card, Money, Order, Outcome, Reason, Refused, State
from ..contact import reason_of_named_field
from ..notation import words
from ..transport import NoAnswer, mask_card_numbers

# "9. Uygulama Durum Kodları", and some that only the samples and the vendor's plugins have.
SUCCESS = "100"
NOT_VALID = "1"
FAILED = "41"
UNKNOWN = "31"
NOT_FOUND = {UNKNOWN, "32", "69"}  # 69: not processed yet, which says as little of a payment.
PROCESSED = {"3", "117"}  # There is a payment of that invoice already.
NO_INSTALLMENTS = "62"
NO_RECURRENCE = "70"
NOT_DELETED = "72"
NO_CUSTOMER = "87"
NOT_RESERVED = "113"
INVALID_CHARACTER = "85"
UNKNOWN_ERROR = "99"
UNCERTAIN = {UNKNOWN_ERROR, SUCCESS}  # The latter lacks what a success should have.
REFUND_IN_PART = "112"
# A refund that Platformode has: registered, received before, done in part.
REFUND_TAKEN = {
    "101": None,
    "104": Reason.REFUND_REPEATED,
    REFUND_IN_PART: Reason.REFUND_IN_PART,
}
ERRORS = {
    "0": Reason.TECHNICAL,
    NOT_VALID: Reason.TECHNICAL,
    "2": Reason.WRONG_APP,
    "3": Reason.TRY_LATER,
    "12": Reason.TECHNICAL,
    "13": Reason.TECHNICAL,
    "14": Reason.WRONG_MERCHANT_KEY,
    "30": Reason.WRONG_APP,
    UNKNOWN: Reason.PAYMENT_UNKNOWN,
    "32": Reason.PAYMENT_INCOMPLETE,
    "33": Reason.TECHNICAL,
    "34": Reason.NOT_ACTIVATED,
    "35": Reason.NOT_ACTIVATED,
    "36": Reason.NOT_ACTIVATED,
    "37": Reason.NOT_ACTIVATED,
    "38": Reason.NOT_ACTIVATED,
    "39": Reason.NOT_ACTIVATED,
    "40": Reason.INSTALLMENT_REFUSED,
    FAILED: Reason.BANK_REFUSED,
    "42": Reason.AMOUNT_REFUSED,
    "43": Reason.NOT_ACTIVATED,
    "44": Reason.SHOP_LIMIT_REACHED,
    "45": Reason.SHOP_LIMIT_REACHED,
    "46": Reason.SHOP_LIMIT_REACHED,
    "47": Reason.SHOP_LIMIT_REACHED,
    "48": Reason.AMOUNT_REFUSED,
    "49": Reason.REFUND_NOT_POSSIBLE,
    "55": Reason.RECURRENCE_REFUSED,
    "56": Reason.WRONG_HOOK,
    "60": Reason.CARD_NOT_ACCEPTED,
    NO_INSTALLMENTS: Reason.INSTALLMENT_REFUSED,
    "68": Reason.REQUEST_MISMATCH,
    "69": Reason.PAYMENT_NOT_PROCESSED,
    NO_RECURRENCE: Reason.RECURRENCE_REFUSED,
    "71": Reason.RECURRENCE_REFUSED,
    NOT_DELETED: Reason.RECURRENCE_REFUSED,
    "73": Reason.RECURRENCE_REFUSED,
    "76": Reason.CARD_NOT_ACCEPTED,
    "77": Reason.CARD_NOT_ACCEPTED,
    "79": Reason.NOT_ACTIVATED,
    "80": Reason.NOT_ACTIVATED,
    "81": Reason.TRY_LATER,
    INVALID_CHARACTER: Reason.CHARACTER_REFUSED,
    "86": Reason.CARD_NOT_ACCEPTED,
    NO_CUSTOMER: Reason.STORED_CARD_UNUSABLE,
    "88": Reason.STORED_CARD_UNUSABLE,
    "89": Reason.STORED_CARD_UNUSABLE,
    "90": Reason.WRONG_APP,
    "91": Reason.WRONG_MERCHANT_KEY,
    "92": Reason.TECHNICAL,
    "93": Reason.TECHNICAL,
    "94": Reason.TECHNICAL,
    "95": Reason.TECHNICAL,
    "96": Reason.TECHNICAL,
    "97": Reason.TECHNICAL,
    "102": Reason.NOT_ACTIVATED,
    "103": Reason.NOT_ACTIVATED,
    "105": Reason.CAPTURE_REFUSED,
    "106": Reason.NOT_ACTIVATED,
    "107": Reason.AUTHENTICATION_FAILED,
    "108": Reason.CARD_NUMBER_WRONG,
    "109": Reason.TECHNICAL,
    "110": Reason.REFUND_NOT_POSSIBLE,
    NOT_RESERVED: Reason.CAPTURE_REFUSED,
    "117": Reason.TRY_LATER,
    "404": Reason.TECHNICAL,
}
# Some codes have several meanings, and only their texts tell them apart: see `_plain`.
TEXTS = {
    ("44", "blocked"): Reason.CARD_NOT_ACCEPTED,
    ("44", "bloke"): Reason.CARD_NOT_ACCEPTED,
    ("49", "30 second"): Reason.TRY_LATER,
    ("49", "30 saniye"): Reason.TRY_LATER,
    ("49", "balance"): Reason.BALANCE_TOO_LOW,
    ("49", "bakiye"): Reason.BALANCE_TOO_LOW,
    ("49", "cross net"): Reason.REFUND_TOO_LARGE,
    ("49", "net tutar"): Reason.REFUND_TOO_LARGE,
    ("49", "maximum transaction limit"): Reason.AMOUNT_REFUSED,
    ("49", "maksimum islem"): Reason.AMOUNT_REFUSED,
    ("55", "hook key"): Reason.WRONG_HOOK,
    ("55", "web kancasi"): Reason.WRONG_HOOK,
    ("70", "card program"): Reason.CARD_NOT_ACCEPTED,
    ("70", "kart programi"): Reason.CARD_NOT_ACCEPTED,
}
# What a text may name that says which field is not valid.
CONTACT_FIELDS = {
    "name": Reason.NAME_REFUSED,
    "surname": Reason.NAME_REFUSED,
    "customer_name": Reason.NAME_REFUSED,
    "cc_holder_name": Reason.NAME_REFUSED,
    "card_holder_name": Reason.NAME_REFUSED,
    "bill_email": Reason.EMAIL_REFUSED,
    "customer_email": Reason.EMAIL_REFUSED,
    "bill_phone": Reason.PHONE_REFUSED,
    "customer_phone": Reason.PHONE_REFUSED,
    "bill_address1": Reason.ADDRESS_REFUSED,
    "bill_address2": Reason.ADDRESS_REFUSED,
    "bill_city": Reason.ADDRESS_REFUSED,
    "bill_state": Reason.ADDRESS_REFUSED,
    "bill_postcode": Reason.ADDRESS_REFUSED,
    "bill_country": Reason.ADDRESS_REFUSED,
    "ip": Reason.IP_REFUSED,
}
# What banks answer, by ISO 8583.
BANK_CODES = {
    "04": Reason.SECURITY_REFUSED,
    "07": Reason.SECURITY_REFUSED,
    "14": Reason.CARD_NUMBER_WRONG,
    "33": Reason.CARD_EXPIRED,
    "34": Reason.SECURITY_REFUSED,
    "41": Reason.SECURITY_REFUSED,
    "43": Reason.SECURITY_REFUSED,
    "51": Reason.CARD_LIMIT_REACHED,
    "54": Reason.CARD_EXPIRED,
    "57": Reason.CARD_NOT_ACCEPTED,
    "61": Reason.CARD_LIMIT_REACHED,
    "65": Reason.CARD_LIMIT_REACHED,
}
# States of a payment that was made, and later given back.
GIVEN_BACK = re.compile(r"refund|charge.?back", re.IGNORECASE)
TEXT_FIELDS = ("status_description", "success_message", "message", "error")
NOT_AUTHENTICATED = {"0", "5", "6", "7", "8"}  # Values of md_status.


def verdict(answer: Mapping) -> bool | None:
    """Whether an answer says yes or no by its code, or its status; None if neither."""
    code, status = code_of(answer), str(answer.get("status")).lower()
    if code == SUCCESS or (not code and status in ("true", "1", "success")):
        return True
    is_error = code.isdecimal() or status == "false"
    return False if is_error and code not in UNCERTAIN else None


def refusal(answer: Mapping) -> Refused | NoAnswer:
    """The error that an answer without success is; a code without certainty is no answer."""
    code, text = code_of(answer), text_of(answer)
    if verdict(answer) is not False:
        reason = Reason.UNKNOWN_ERROR if code == UNKNOWN_ERROR else None
        return NoAnswer(text or "neither success nor error", reason=reason)
    said = _plain(text)
    told = (why for (about, part), why in TEXTS.items() if about == code and part in said)
    reason = next(told, ERRORS.get(code))
    if code in (NOT_VALID, INVALID_CHARACTER):
        reason = reason_of_named_field(text, CONTACT_FIELDS) or reason
    return Refused(text, reason=reason, code=code)


def _plain(text: str) -> str:
    """Small letters as English has them, whichever case and language a text is in."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ı", "i"))
    return decomposed.encode("ascii", "ignore").decode().lower()


def failure(answer: Mapping, order: Order) -> Outcome:
    """Why `checkstatus` says that a payment failed.

    Where the shop completes a payment, the bank is not asked before: it may never have refused.
    """
    code = words(answer, "original_bank_error_code")
    reason = BANK_CODES.get(code.zfill(2), Reason.BANK_REFUSED)
    if not code and words(answer, "md_status") in NOT_AUTHENTICATED:
        reason = Reason.AUTHENTICATION_FAILED
    elif not code and order.resumed:
        reason = Reason.NOT_COMPLETED
    return Outcome(
        state=State.FAILED,
        reason=reason,
        code=code or code_of(answer),
        text=mask_card_numbers(
            words(answer, "original_bank_error_description")
            or words(answer, "bank_status_description")
            or words(answer, "status_description")
        ),
        psp_reference=words(answer, "order_id"),
    )


def code_of(answer: Mapping) -> str:
    return words(answer, "status_code")


def text_of(answer: Mapping) -> str:
    text = next(filter(None, (words(answer, name) for name in TEXT_FIELDS)), "")
    return mask_card_numbers(text)


@contextmanager
def concealing(card: Card) -> Iterator[None]:
    """Leave nothing of a typed card in what an error says: nobody may keep that."""

    def without_card(text: str) -> str:
        for secret in filter(None, (card.number, card.code)):
            text = text.replace(secret, "[…]")
        return text

    try:
        yield
    except Refused as error:
        text = without_card(error.text)
        raise Refused(text, reason=error.reason, code=error.code) from None
    except NoAnswer as error:
        raise NoAnswer(without_card(str(error)), reason=error.reason) from None


def money(answer: Mapping, name: str, currency: str) -> Money | None:
    try:
        return Money.parse(answer.get(name), currency)
    except ValueError:
        return None


def whole(value: object, most: int) -> int | None:
    """A number from 1 to `most`, written as a number or as a text."""
    digits = str(value)
    number = int(digits) if re.fullmatch(r"[1-9]\d{0,8}", digits, re.ASCII) else 0
    return number if 0 < number <= most else None


def date_in(answer: Mapping, name: str) -> date | None:
    try:
        return date.fromisoformat(words(answer, name)[:10])
    except ValueError:
        return None
