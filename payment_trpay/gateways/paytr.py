"""PayTR: iFrame API (card and Havale/EFT), notification, status, refund, rates and BIN services.

Every service takes a form, signed by a token: the base64 of an HMAC-SHA256 under the merchant key
over some of the fields and the merchant salt. Only the notification is signed by PayTR itself, and
only over the order number, the status and the amount: these three prove a payment, the other
fields may at most raise a doubt.
"""

import base64
import hmac
import json
import logging
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from . import contact
from .base import (
    Agreement,
    BadMessage,
    Checkout,
    Claim,
    Contact,
    Embed,
    Forged,
    Gateway,
    GivenBack,
    ListedPayment,
    MaskedCard,
    Money,
    Order,
    Outcome,
    Plan,
    Reason,
    Redirect,
    Refund,
    Refused,
    State,
    Statement,
    Step,
    Unsupported,
    needed,
)
from .notation import encode, key_of, listed, mapped, percent, required, rows, words
from .transport import NoAnswer, TransportError

_logger = logging.getLogger(__name__)

TOKEN_PATH = "/odeme/api/get-token"
CARD_PAGE = "/odeme/guvenli/{token}"
TRANSFER_PAGE = "/odeme/api/{token}"
RESIZER_PATH = "/js/iframeResizer.min.js"
STATUS_PATH = "/odeme/durum-sorgu"
REFUND_PATH = "/odeme/iade"
RATES_PATH = "/odeme/taksit-oranlari"
BIN_PATH = "/odeme/api/bin-detail"
LIST_PATH = "/rapor/islem-dokumu"

CURRENCY_CODES = {"TRY": "TL", "USD": "USD", "EUR": "EUR", "GBP": "GBP", "RUB": "RUB"}
ISO_CODES = {code: iso for iso, code in CURRENCY_CODES.items()} | {"TRY": "TRY"}
METHODS = {
    "card": "card",
    "eft": "bank_transfer",
    "KART": "card",
    "EFT": "bank_transfer",
}

# "2. Adım İçin Hata Kodları ve Açıklamaları", then the codes of the EFT page.
FAILURES = {
    "0": Reason.BANK_REFUSED,
    "1": Reason.AUTHENTICATION_MISSING,
    "2": Reason.AUTHENTICATION_FAILED,
    "3": Reason.SECURITY_REFUSED,
    "6": Reason.ABANDONED,
    "8": Reason.INSTALLMENT_REFUSED,
    "9": Reason.CARD_NOT_ACCEPTED,
    "10": Reason.THREE_DS_REQUIRED,
    "11": Reason.FRAUD_SUSPECTED,
    "99": Reason.TECHNICAL,
}
TRANSFER_FAILURES = {
    "4": Reason.TRANSFER_NOT_FOUND,
    "5": Reason.TRANSFER_TOO_LOW,
    "6": Reason.ABANDONED,
    "7": Reason.TRANSFER_UNDER_REVIEW,
    "41": Reason.TRANSFER_NAME_MISMATCH,
    "42": Reason.TRANSFER_NAME_MISMATCH,
    "43": Reason.TRANSFER_ALREADY_USED,
    "44": Reason.TRANSFER_ALREADY_USED,
    "45": Reason.TRANSFER_NAME_MISMATCH,
}
STATUS_ERRORS = {"001": Reason.WRONG_MERCHANT, "003": Reason.WRONG_KEYS}
SALE, REFUND = "S", "I"  # `islem_tipi` in the list.
NO_SUCCESSFUL_PAYMENT = "004"  # Unknown, still pending or failed: PayTR does not tell them apart.
REFUND_ERRORS = {
    "000": Reason.TRY_LATER,
    "001": Reason.WRONG_MERCHANT,
    "004": Reason.WRONG_KEYS,
    "005": Reason.REFUND_NOT_POSSIBLE,
    "006": Reason.REFUND_TOO_LARGE,
    "007": Reason.TRY_LATER,  # PayTR has not yet heard the OK to its notification.
    "008": Reason.REFUND_NOT_POSSIBLE,
    "009": Reason.REFUND_TOO_LARGE,
    "010": Reason.BALANCE_TOO_LOW,
    "011": Reason.REFUND_TOO_LATE,
}
# The customer's fields of step 1: their lengths in characters, and stand-ins for missing ones.
LONGEST_NAME, LONGEST_EMAIL, LONGEST_ADDRESS = 60, 100, 400
NO_NAME, NO_ADDRESS, NO_PHONE = "Müşteri", "Belirtilmedi", "00000000000"
CONTACT_FIELDS = {
    "email": Reason.EMAIL_REFUSED,
    "user_ip": Reason.IP_REFUSED,
    "user_name": Reason.NAME_REFUSED,
    "user_address": Reason.ADDRESS_REFUSED,
    "user_phone": Reason.PHONE_REFUSED,
}
VERDICTS = {"success": True, "error": False, "failed": False}
NO_RATE = (None, "", "-", "x", False)  # How a family says that it does not offer a number.
# The rates are named taksit_2 or just 2; what is inside is documented nowhere.
INSTALMENTS = re.compile(r"(?<![0-9])([2-9]|1[0-2])$")


class PayTR(Gateway):
    code = "paytr"
    credentials = ("merchant_id", "merchant_key", "merchant_salt")
    live_url = test_url = "https://www.paytr.com"  # Tests are a flag of the request.
    currencies = frozenset(CURRENCY_CODES)
    methods = ("card", "bank_transfer")
    brands = ("visa", "mastercard", "troy", "amex")
    refunds = "partial"
    embeds = True
    limits_time = True
    listed_days = 3
    secret_fields = frozenset(
        [
            "merchant_key",
            "merchant_salt",
            "paytr_token",
            "token",
            "hash",
            "email",
            "user_name",
            "user_address",
            "user_phone",
            "user_ip",
            "tc_no_last5",
            "kart_no",
        ]
    )
    contact_fields = CONTACT_FIELDS
    # "2. Adım": the notification, and the interim one of bank transfers without its sender.
    kept_fields = frozenset(
        [
            "test_mode",
            "payment_type",
            "currency",
            "payment_amount",
            "installment_count",
            "merchant_id",
            "failed_reason_code",
            "failed_reason_msg",
            "payment_sent_date",
        ]
    )
    identifiers = frozenset(["merchant_oid", "status", "total_amount", "bank", "hash"])  # Signed.
    page_domains = frozenset(["paytr.com"])

    # === STARTING === #

    def open(self, order: Order, checkout: Checkout) -> Step:
        """Get a token for the payment page (PayTR iFrame API, step 1; Havale/EFT iFrame API).

        :raise Refused: With PayTR's reason, or if a field is missing that it requires.
        :raise Unsupported: For a currency that PayTR does not take.
        """
        if order.method == "bank_transfer":
            signed, unsigned, page = *self._transfer_fields(order, checkout), TRANSFER_PAGE
        else:
            signed, unsigned, page = *self._card_fields(order, checkout), CARD_PAGE
        answer = self._call(
            TOKEN_PATH,
            f"open {order.reference}",
            signed | unsigned,
            sign=[self._secrets["merchant_id"], *signed.values()],
        )
        if not self._verdict(answer):
            text = words(answer, "reason")
            raise _refused(answer, text, reason=_reason_of_refused_token(text))
        token = str(answer.get("token", ""))
        if not re.fullmatch(r"[\w-]{8,256}", token, re.ASCII):
            raise NoAnswer("no token in the answer")
        url = self._base_url + page.format(token=token)
        if checkout.embedded:
            return Embed(url=url, resizer_url=self._base_url + RESIZER_PATH)
        return Redirect(url=url)

    @staticmethod
    def _card_fields(order: Order, checkout: Checkout) -> tuple[dict[str, str], dict[str, str]]:
        """The fields that are signed, in the documented order of the hash, and the others."""
        basket = [[checkout.description, f"{order.amount.major:f}", 1]]
        single = checkout.max_installments == 1
        signed = {
            "user_ip": needed(contact.public_ip(checkout.ip), Reason.IP_REFUSED),
            "merchant_oid": order.reference,
            "email": needed(_email(checkout), Reason.EMAIL_REFUSED),
            "payment_amount": str(order.amount.minor),
            "user_basket": base64.b64encode(json.dumps(basket).encode()).decode(),
            "no_installment": "1" if single else "0",
            "max_installment": "0" if single else str(checkout.max_installments),
            "currency": _currency_code(order.amount.currency),
            "test_mode": _flag(order.test),
        }
        return signed, {
            "user_name": contact.text(checkout.customer.name, LONGEST_NAME) or NO_NAME,
            "user_address": _address(checkout.customer) or _address(checkout.shop) or NO_ADDRESS,
            "user_phone": _phone(checkout.customer) or _phone(checkout.shop) or NO_PHONE,
            "merchant_ok_url": checkout.return_url,
            "merchant_fail_url": checkout.cancel_url,
            "debug_on": _flag(order.test),
            "timeout_limit": str(checkout.minutes),
            "lang": checkout.lang,
        }

    @staticmethod
    def _transfer_fields(order: Order, checkout: Checkout) -> tuple[dict[str, str], dict[str, str]]:
        if order.amount.currency != "TRY":
            raise Unsupported(
                f"PayTR takes bank transfers in TRY only, not {order.amount.currency}"
            )
        signed = {
            "user_ip": needed(contact.public_ip(checkout.ip), Reason.IP_REFUSED),
            "merchant_oid": order.reference,
            "email": needed(_email(checkout), Reason.EMAIL_REFUSED),
            "payment_amount": str(order.amount.minor),
            "payment_type": "eft",
            "test_mode": _flag(order.test),
        }
        return signed, {
            "debug_on": _flag(order.test),
            "timeout_limit": str(checkout.minutes),
        }

    # === LISTENING === #

    @classmethod
    def reference_of(cls, message: Mapping[str, str]) -> str:
        return message.get("merchant_oid", "")

    def read(self, message: Mapping[str, str], order: Order) -> Claim:
        """Authenticate a notification (PayTR iFrame API, step 2; EFT interim notification).

        PayTR repeats what is not acknowledged, for ever the same: what is genuine but odd must
        lead somewhere. What is not signed may raise a doubt; what is signed is never ignored.
        """
        if message.get("merchant_oid") != order.reference:
            raise BadMessage("merchant_oid is of another order")
        if message.get("status") == "info":
            return self._read_interim(message, order)
        signed = required(message, "merchant_oid", "status", "total_amount")
        oid, status, total = signed
        self._verify(message, oid, self._secrets["merchant_salt"], status, total)
        key = key_of(oid, status, total)
        if status == "failed":
            return Claim(reference=oid, key=key, outcome=self._failure(message))
        if status != "success" or not re.fullmatch(r"\d{1,15}", total, re.ASCII):
            return Claim(
                reference=oid,
                key=key,
                outcome=Outcome(state=State.UNKNOWN),
                unclear=f"status {words(message, 'status')!r},"
                f" total_amount {words(message, 'total_amount')!r}",
            )
        charged = Money(int(total), order.amount.currency)
        return Claim(
            reference=oid,
            key=key,
            doubt=self._doubt(message, order),
            outcome=Outcome(
                state=State.PAID,
                charged=charged,
                psp_reference=oid,
                method=METHODS.get(message.get("payment_type", ""), ""),
                installments=_count(message.get("installment_count")),
                test=_is_test(message),
            ),
        )

    def _read_interim(self, message: Mapping[str, str], order: Order) -> Claim:
        oid, bank = required(message, "merchant_oid", "bank")
        self._verify(message, oid, bank, self._secrets["merchant_salt"])
        return Claim(
            reference=oid,
            key=key_of(oid, "info", bank),
            outcome=Outcome(
                state=State.PENDING, method="bank_transfer", text=words(message, "bank")
            ),
        )

    def _failure(self, message: Mapping[str, str]) -> Outcome:
        code = words(message, "failed_reason_code")
        is_transfer = message.get("payment_type") == "eft"
        reason = (TRANSFER_FAILURES if is_transfer else FAILURES).get(code, Reason.BANK_REFUSED)
        return Outcome(
            state=State.CANCELED if reason is Reason.ABANDONED else State.FAILED,
            reason=reason,
            code=code,
            text=words(message, "failed_reason_msg"),
            method=METHODS.get(message.get("payment_type", ""), ""),
            test=_is_test(message),
        )

    @staticmethod
    def _doubt(message: Mapping[str, str], order: Order) -> str:
        """Why fields that PayTR does not sign contradict the order; empty if none does."""
        expected = {
            "payment_amount": {str(order.amount.minor)},
            "currency": {_currency_code(order.amount.currency), order.amount.currency},
            "payment_type": {"eft" if order.method == "bank_transfer" else "card"},
            "installment_count": {str(count) for count in range(13)},
            "test_mode": {"0", "1"} if order.test else {"0"},
        }
        wrong = [
            name for name, right in expected.items() if message.get(name) not in {None, "", *right}
        ]
        return f"does not fit the order: {', '.join(wrong)}" if wrong else ""

    def _verify(self, message: Mapping[str, str], *signed: str) -> None:
        (given,) = required(message, "hash")
        right = self._digest("".join(signed))
        if not hmac.compare_digest(encode(given), right.encode()):
            raise Forged("hash does not fit: merchant key or salt differs, or it was altered")

    # === ASKING === #

    def inquire(self, order: Order) -> Outcome:
        """Ask for the payment (PayTR "Durum Sorgu").

        :return: `PAID`, or `UNKNOWN` when PayTR has no successful payment of that number.
        """
        answer = self._status(order)
        return self._paid(answer, order) if answer else Outcome(state=State.UNKNOWN)

    def _paid(self, answer: dict, order: Order) -> Outcome:
        code = str(answer.get("currency") or _currency_code(order.amount.currency))
        currency = ISO_CODES.get(code, code)
        try:
            amount = Money.parse(answer.get("payment_amount"), currency)
            charged = Money.parse(answer.get("payment_total"), currency)
        except ValueError as error:
            raise NoAnswer(f"status inquiry: {error}") from None
        return Outcome(
            state=State.PAID,
            amount=amount,
            charged=charged,
            method=METHODS.get(str(answer.get("odeme_tipi")), ""),
            installments=_count(answer.get("taksit")),
            card=MaskedCard(words(answer, "masked_pan"), words(answer, "kart_marka").lower()),
            psp_reference=order.reference,
            test=_is_test(answer),
        )

    def _status(self, order: Order) -> dict | None:
        oid = order.reference
        answer = self._call(
            STATUS_PATH,
            f"inquire {oid}",
            {"merchant_oid": oid},
            sign=[self._secrets["merchant_id"], oid],
            repeatable=True,
            missing={"status": "error", "err_no": NO_SUCCESSFUL_PAYMENT},
        )
        if self._verdict(answer):
            return answer
        code = _error_code(answer)
        if code == NO_SUCCESSFUL_PAYMENT:
            return None
        raise _refused(answer, reason=STATUS_ERRORS.get(code))

    def probe(self) -> Agreement:
        """Ask for an order that cannot exist: only with the right keys is it merely not found.

        PayTR signs with key and salt together, so it cannot tell which of the two is wrong; it is
        worth one more call to see whether they were entered in each other's place.
        """
        order = Order(reference=f"probe{secrets.token_hex(12)}", amount=Money(1, "TRY"))
        try:
            self._status(order)
        except Refused as refusal:
            if refusal.reason is not Reason.WRONG_KEYS:
                raise
            swapped = self._secrets | {
                "merchant_key": self._secrets["merchant_salt"],
                "merchant_salt": self._secrets["merchant_key"],
            }
            try:
                type(self)(swapped, base_url=self._base_url, client=self._client)._status(order)
            except (Refused, TransportError):
                raise refusal from None
            raise Refused(refusal.text, reason=Reason.KEYS_SWAPPED, code=refusal.code) from None
        return Agreement()

    # === GIVING BACK === #

    def refund(self, order: Order, refund: Refund) -> Outcome:
        """Give back all or a part (PayTR "İade"). PayTR does not recognise a repetition."""
        amount = f"{refund.amount.major:f}"
        answer = self._call(
            REFUND_PATH,
            f"refund {refund.reference}",
            {
                "merchant_oid": order.reference,
                "return_amount": amount,
                "reference_no": refund.reference,
            },
            sign=[self._secrets["merchant_id"], order.reference, amount],
        )
        if self._verdict(answer):
            return self._refunded(refund, answer.get("return_amount"))
        raise _refused(answer, reason=REFUND_ERRORS.get(_error_code(answer)))

    def inquire_refund(self, order: Order, refund: Refund) -> Outcome:
        """Look for our reference among the refunds that the status inquiry lists.

        Refunds made in PayTR's panel carry no reference of ours. Ours is surely not listed if the
        sum is what was given back before, or if it is more and no refund is of this amount.
        """
        answer = self._status(order)
        given_back = _given_back(answer, order.amount.currency) if answer else None
        if given_back is None:
            return Outcome(state=State.PENDING)
        for each in given_back:
            if each.reference == refund.reference:
                return self._refunded(refund, f"{each.amount.major:f}")
        more = sum(each.amount.minor for each in given_back) - refund.refunded_before.minor
        is_amount_listed = any(each.amount == refund.amount for each in given_back)
        is_absent = more == 0 or (more > 0 and not is_amount_listed)
        return Outcome(state=State.UNKNOWN if is_absent else State.PENDING)

    @staticmethod
    def _refunded(refund: Refund, amount: object) -> Outcome:
        try:
            given = Money.parse(amount, refund.amount.currency)
        except ValueError as error:
            raise NoAnswer(f"refund: {error}") from None
        return Outcome(state=State.PAID, amount=given, psp_reference=refund.reference)

    # === COMPARING === #

    def statement(self, order: Order) -> Statement:
        """Ask for the payment and its refunds (PayTR "Durum Sorgu")."""
        answer = self._status(order)
        if not answer:
            return Statement(outcome=Outcome(state=State.UNKNOWN))
        given_back = _given_back(answer, order.amount.currency)
        if given_back is None:
            raise NoAnswer("status inquiry: refunds that cannot be read")
        return Statement(outcome=self._paid(answer, order), given_back=given_back)

    def list_payments(self, first: date, last: date) -> tuple[ListedPayment, ...]:
        """The sales and the refunds of three days at most (PayTR "İşlem Dökümü").

        A payment that was made earlier is listed for its refunds only, without its amount.
        """
        start, end = f"{first} 00:00:00", f"{last} 23:59:59"
        answer = self._call(
            LIST_PATH,
            f"payments {first} to {last}",
            {"start_date": start, "end_date": end},
            sign=[self._secrets["merchant_id"], start, end],
            repeatable=True,
        )
        is_empty = words(answer, "status") == "failed" and not self._words(answer)
        if is_empty and not _error_code(answer):
            return ()  # Nothing happened in these days.
        table = listed(answer.get("list"))
        if not self._verdict(answer):
            reason = STATUS_ERRORS.get(_error_code(answer))
            raise _refused(answer, self._words(answer), reason=reason)
        if table is None:
            raise NoAnswer("no list in the answer")
        payments: dict[str, ListedPayment] = {}
        for row in rows(table):
            if (payment := _listed(row)) and (before := payments.get(payment.reference)):
                payment = _joined(before, payment)
            if payment:
                payments[payment.reference] = payment
        return tuple(payments.values())

    # === INSTALMENTS === #

    def installments(self, amount: Money, card_bin: str = "") -> tuple[Plan, ...]:
        """Totals by PayTR's rates ("Taksit Oranları"), for one card ("BIN Sorgulama") or all."""
        rates, most, _unread = self._rates()
        if card_bin:
            family = self._card_family(card_bin)
            rates = {family: rates[family]} if family in rates else {}
        plans = {
            Plan(count, _with_surcharge(amount, percent), family)
            for family, by_count in rates.items()
            for count, percent in by_count.items()
            if count <= most
        }
        single = Plan(1, amount)
        return single, *sorted(plans, key=lambda plan: (plan.card_family, plan.installments))

    def unread_rates(self) -> tuple[str, ...]:
        _rates, _most, unread = self._rates()
        return unread

    def _rates(self) -> tuple[dict[str, dict[int, Decimal]], int, tuple[str, ...]]:
        """Percentages by card family, the most instalments, and what of it cannot be read."""
        request_id = secrets.token_hex(8)
        answer = self._call(
            RATES_PATH,
            "rates",
            {"request_id": request_id},
            sign=[self._secrets["merchant_id"], request_id],
            repeatable=True,
        )
        table = mapped(answer.get("oranlar"))
        if not self._verdict(answer) or table is None:
            raise Refused(words(answer, "err_msg") or "no table of rates")
        rates, unread = {}, []
        for family, row in table.items():
            rates[family] = {}
            for name, value in (mapped(row) or {}).items():
                digits, rate = INSTALMENTS.search(name), percent(value)
                if digits and rate is not None:
                    rates[family][int(digits.group())] = rate
                elif digits and value not in NO_RATE:
                    unread.append(f"{family} {name}: {str(value)[:40]}")
        if unread:
            _logger.warning("paytr: rates left out: %s", "; ".join(unread)[:500])
        return rates, _count(answer.get("max_inst_non_bus")) or 12, tuple(unread)

    def _card_family(self, card_bin: str) -> str:
        answer = self._call(
            BIN_PATH,
            "bin",
            {"bin_number": card_bin},
            sign=[card_bin, self._secrets["merchant_id"]],
            repeatable=True,
        )
        if answer.get("status") == "error":
            raise _refused(answer)
        return str(answer.get("brand", ""))  # None of the families for a foreign or debit card.

    # === SIGNING AND SENDING === #

    def _digest(self, text: str) -> str:
        key = self._secrets["merchant_key"].encode()
        return base64.b64encode(hmac.digest(key, encode(text), "sha256")).decode()

    def _call(
        self,
        path: str,
        label: str,
        fields: Mapping[str, str],
        *,
        sign: Iterable[str],
        repeatable: bool = False,
        missing: Mapping | None = None,
    ) -> dict:
        """Post to a service.

        :param sign: What its token covers, in the documented order, before the salt.
        :param missing: The answer to a question about what is not found (HTTP 404).
        """
        token = self._digest("".join(sign) + self._secrets["merchant_salt"])
        reply = self._client.post(
            self._base_url + path,
            form={"merchant_id": self._secrets["merchant_id"], **fields, "paytr_token": token},
            scrub=self.scrub,
            label=f"paytr {label}",
            repeatable=repeatable,
        )
        return self._answer(reply, missing=missing)

    def _verdict(self, answer: Mapping) -> bool | None:
        return VERDICTS.get(words(answer, "status"))

    def _words(self, answer: Mapping) -> str:
        return words(answer, "err_msg") or words(answer, "reason")


# === PAYTR'S NOTATION === #


def _refused(answer: Mapping, text: str = "", reason: Reason | None = None) -> Refused | NoAnswer:
    """The error that an answer without success is; who says neither yes nor no, says nothing."""
    if VERDICTS.get(words(answer, "status")) is not False:
        return NoAnswer("neither success nor error")
    return Refused(text or words(answer, "err_msg"), reason=reason, code=_error_code(answer))


def _error_code(answer: Mapping) -> str:
    """Three digits, however PayTR wrote them; empty if it named no code."""
    code = words(answer, "err_no")
    return code.zfill(3) if code else ""


def _currency_code(iso: str) -> str:
    try:
        return CURRENCY_CODES[iso]
    except KeyError:
        raise Unsupported(f"PayTR does not take {iso}") from None


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _is_test(message: Mapping) -> bool:
    return str(message.get("test_mode", "0")) == "1"


def _count(text: object) -> int | None:
    """Number of instalments, 1 for a single payment; PayTR also writes 0 for that."""
    digits = str(text)
    return max(1, int(digits)) if re.fullmatch(r"\d{1,2}", digits, re.ASCII) else None


def _email(checkout: Checkout) -> str:
    """The customer's, or else the shop's: PayTR takes no Turkish letters."""
    of_customer, of_shop = checkout.customer.email, checkout.shop.email
    return contact.email(of_customer, LONGEST_EMAIL) or contact.email(of_shop, LONGEST_EMAIL)


def _phone(who: Contact) -> str:
    """As PayTR writes it: eleven digits from Türkiye, and a plus before those from elsewhere."""
    return contact.phone(who.phone, who.country, national=True)


def _address(who: Contact) -> str:
    """On one line; a country alone is none."""
    parts = (who.street, who.street2, who.postcode, who.city, who.state)
    known = list(filter(None, map(contact.text, parts)))
    country = filter(None, [contact.text(who.country_name)])
    return contact.text(", ".join([*known, *country]), LONGEST_ADDRESS) if known else ""


def _given_back(answer: Mapping, currency: str) -> tuple[GivenBack, ...] | None:
    """The refunds that a status inquiry lists; None if they cannot be read."""
    returns = listed(answer.get("returns"))
    try:
        return tuple(
            GivenBack(
                amount=Money.parse(_unsigned(row, "return_amount", "refund_amount"), currency),
                reference=words(row, "reference_no"),
            )
            for row in returns
        )
    except (AttributeError, TypeError, ValueError):
        return None


def _listed(row: Mapping) -> ListedPayment | None:
    """A row of the list; None if it cannot be read."""
    code, kind = words(row, "para_birimi"), words(row, "islem_tipi")
    currency, reference = ISO_CODES.get(code), words(row, "siparis_no")
    total = _amount(row, "odeme_tutari", currency) if currency else None
    if not reference or not total or kind not in (SALE, REFUND):
        _logger.warning("paytr: a row of the list left out: %s of %r", kind, reference[:40])
        return None
    if kind == REFUND:
        return ListedPayment(reference=reference, state=State.PAID, refunded_then=total)
    return ListedPayment(
        reference=reference,
        state=State.PAID,
        amount=_amount(row, "islem_tutari", currency),
        charged=total,
        fee=_amount(row, "kesinti_tutari", currency),
        net=_amount(row, "net_tutar", currency),
        installments=_count(row.get("taksit")),
        card=MaskedCard(words(row, "kart_no"), words(row, "kart_marka").lower()),
        psp_reference=reference,
    )


def _joined(one: ListedPayment, other: ListedPayment) -> ListedPayment:
    """A payment with what was refunded of it, whichever is listed first."""
    sale = one if one.amount else other
    parts = [each.refunded_then for each in (one, other) if each.refunded_then]
    if not parts:
        return sale
    return replace(sale, refunded_then=Money(sum(part.minor for part in parts), parts[0].currency))


def _unsigned(row: Mapping, *names: str) -> str:
    """The first amount of a row; what went back may have a minus."""
    texts = (words(row, name) for name in names)
    return next(filter(None, texts), "").removeprefix("-")


def _amount(row: Mapping, name: str, currency: str) -> Money | None:
    try:
        return Money.parse(_unsigned(row, name), currency)
    except ValueError:
        return None


def _with_surcharge(amount: Money, percent: Decimal) -> Money:
    total = (amount.minor * (1 + percent / 100)).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(total), amount.currency)


def _reason_of_refused_token(text: str) -> Reason | None:
    if "paytr_token" in text:
        return Reason.WRONG_KEYS
    if "merchant_id" in text:
        return Reason.WRONG_MERCHANT
    return contact.reason_of_named_field(text, CONTACT_FIELDS)
