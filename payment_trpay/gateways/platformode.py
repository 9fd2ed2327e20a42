"""Platformode (the "ccpayment" family): branded page, pre-authorisation, refunds, status, rates.

The services take JSON and an access token of two hours; the branded page takes a form without one.
What Platformode sends carries a `hash_key` that can be forged, and the browser brings it: nothing
but the answer of `checkstatus` makes a payment true.
"""

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from .base import (
    BadMessage,
    Card,
    CardEntry,
    Checkout,
    Claim,
    Forged,
    Gateway,
    Item,
    Money,
    Order,
    Outcome,
    Plan,
    Reason,
    Redirect,
    Refund,
    Refused,
    State,
    Step,
    Unsupported,
)
from .notation import required, words
from .platformode_answers import (
    FAILED,
    NO_INSTALLMENTS,
    NOT_FOUND,
    NOT_RESERVED,
    REFUND_LATER,
    SUCCESS,
    code_of,
    day,
    failure,
    money,
    refusal,
    rows,
    text_of,
)
from .platformode_hash import seal, unseal
from .transport import NoAnswer, Reply

_logger = logging.getLogger(__name__)

TOKEN_PATH = "/api/token"
PAGE_PATH = "/purchase/link"
CARD_3D_PATH = "/api/paySmart3D"
CARD_2D_PATH = "/api/paySmart2D"
STATUS_PATH = "/api/checkstatus"
REFUND_PATH = "/api/refund"
CONFIRM_PATH = "/api/confirmPayment"
CARD_OPTIONS_PATH = "/api/getpos"
INSTALLMENTS_PATH = "/api/installments"
COMMISSIONS_PATH = "/api/commissions"

TOKEN_SECONDS = 110 * 60  # Of two hours: it must not end while it is used.
CAPTURE, VOID = "1", "2"
ENDED = {CAPTURE: "Completed", VOID: "Failed"}  # What `checkstatus` says afterwards.
LINK = re.compile(r"[!-\[\]-~]{1,4096}")  # Visible ASCII but the backslash, a slash to browsers.
# What the token says that the merchant may do; other values mean the branded page.
CARD_2D_ONLY, CARD_3D = "0", {"1", "2"}
LIRA_ID = "1"  # `currency_id`: asked for, and left out by all samples.
CARD_NAMES = {
    "number": "cc_no",
    "holder": "cc_holder_name",
    "month": "expiry_month",
    "year": "expiry_year",
    "code": "cvv",
}
MOST_INSTALLMENTS = 12
# One sentence for whatever is wrong: different ones would help to find out what is encrypted.
MISFIT = "hash_key does not fit: the app secret differs, or it was altered"
ITEM_NAMES = {"tax": "Vergi", "shipping": "Nakliye Ücreti"}


class Platformode(Gateway):
    code = "platformode"
    credentials = ("app_id", "app_secret", "merchant_key")
    options = ("sale_hook", "refund_hook")
    live_url = "https://app.platformode.com.tr/ccpayment"
    test_url = "https://testapp.platformode.com.tr/ccpayment"
    # It takes more, but its answers do not tell the currency, and what the browser carries can be
    # altered: whoever owes dollars could pay as many liras.
    currencies = frozenset(["TRY"])
    flows = ("page", "card_3d", "card_2d")
    methods = ("card",)
    brands = ("visa", "mastercard", "troy", "amex")
    refunds = "partial"
    captures = "partial"
    signs = False
    names_refunds = False  # It only tells their sum.
    repeats_reads = False  # The same request within two seconds is an error.
    secret_fields = frozenset(
        [
            "app_secret",
            "merchant_key",
            "hash_key",
            "token",
            "name",
            "surname",
            "bill_address1",
            "bill_email",
            "bill_phone",
            "ip",
            "cc_holder_name",
            "cc_no",
            "credit_card_no",
            "expiry_month",
            "expiry_year",
            "cvv",
        ]
    )

    # === STARTING === #

    def open(self, order: Order, checkout: Checkout) -> Step:
        """Begin a payment in the chosen flow, or in the one that the token allows.

        :raise Refused: With Platformode's reason.
        :raise Unsupported: For a currency that Platformode does not take.
        """
        if order.amount.currency not in self.currencies:
            raise Unsupported(f"Platformode does not take {order.amount.currency}")
        match checkout.flow or self._allowed_flow():
            case "card_3d":
                return self._card_entry(order, checkout)
            case "card_2d":
                counts = _counts(order, checkout)
                return CardEntry(
                    url="", choices={count: {"installments": str(count)} for count in counts}
                )
        return self._open_page(order, checkout)

    def _allowed_flow(self) -> str:
        """Never the one that brings card numbers to the shop: that is for its owner to decide."""
        allowed = self._allowed()
        if allowed in CARD_3D:
            return "card_3d"
        if allowed == CARD_2D_ONLY:
            raise Refused("is_3d 0", reason=Reason.FLOW_NOT_CHOSEN, code=allowed)
        return "page"

    def _allowed(self) -> str:
        return json.loads(self._access())["is_3d"]

    def _card_entry(self, order: Order, checkout: Checkout) -> CardEntry:
        """What the browser sends with the card ("7.6. Pay With White Label Smart 3D").

        The hash covers the number of instalments, so there is one for each.
        """
        choices = {count: self._choice(order, count) for count in _counts(order, checkout)}
        return CardEntry(
            url=self._base_url + CARD_3D_PATH,
            names=CARD_NAMES,
            fields=self._sale(order, checkout) | {"response_method": "POST"},
            choices=choices,
        )

    def _choice(self, order: Order, count: int) -> dict[str, str]:
        """A number of instalments, and the hash that covers it and what the payment is for."""
        amount, key = order.amount, self._secrets["merchant_key"]
        return {
            "installments_number": str(count),
            "hash_key": self._seal(
                _amount(amount), str(count), amount.currency, key, order.reference
            ),
        }

    def _sale(self, order: Order, checkout: Checkout) -> dict[str, str]:
        """The fields of a card payment that say what it is for."""
        name, surname = _split_name(checkout.name)
        invoice = self._invoice(order, checkout)
        return {
            "merchant_key": self._secrets["merchant_key"],
            "currency_code": order.amount.currency,
            "name": name,
            "surname": surname,
            "ip": checkout.ip,
            **invoice,
            "items": json.dumps(invoice["items"], ensure_ascii=False),
            "currency_id": LIRA_ID,
        }

    def pay(self, order: Order, checkout: Checkout, card: Card, installments: int) -> Outcome:
        """Charge a card without 3-D Secure ("7.9. Pay With White Label Smart 2D").

        What the service answers is only noted: `checkstatus` tells whether money moved.
        """
        sale = self._sale(order, checkout)
        answer = self._call(
            CARD_2D_PATH,
            f"pay {order.reference}",
            {
                **sale,
                "items": json.loads(sale["items"]),
                **{theirs: getattr(card, ours) for ours, theirs in CARD_NAMES.items()},
                **self._choice(order, installments),
            },
        )
        try:
            outcome = self.inquire(order)
        except Refused as error:  # That was about the question; the card may be charged.
            raise NoAnswer(f"charged or not: {error.text}") from None
        if outcome.state is State.UNKNOWN and code_of(answer) != SUCCESS:
            raise refusal(answer)
        return outcome

    def _open_page(self, order: Order, checkout: Checkout) -> Redirect:
        """Get the address of the branded page ("2. Güvenli İşlem Tipi 2D/3D Kullanımı")."""
        name, surname = _split_name(checkout.name)
        form = {
            "merchant_key": self._secrets["merchant_key"],
            "currency_code": order.amount.currency,
            "invoice": json.dumps(self._invoice(order, checkout), ensure_ascii=False),
            "name": name,
            "surname": surname,
            "ip": checkout.ip,
            **self._wishes(order),
        }
        if checkout.max_installments == 1:
            form["installments_number"] = "1"
        reply = self._client.post(
            self._base_url + PAGE_PATH,
            form=form,
            scrub=self.scrub,
            label=f"platformode open {order.reference}",
        )
        answer = self._answer(reply)
        if str(answer.get("status")).lower() not in ("true", "1") or code_of(answer) not in (
            SUCCESS,
            "",
        ):
            raise refusal(answer)
        return Redirect(url=self._page(answer))

    def _invoice(self, order: Order, checkout: Checkout) -> dict:
        items = checkout.items or (Item("product", checkout.description, order.amount),)
        return {
            "invoice_id": order.reference,
            "invoice_description": checkout.description,
            "total": _amount(order.amount),
            "return_url": checkout.return_url,
            "cancel_url": checkout.cancel_url,
            "items": [
                {
                    "name": ITEM_NAMES.get(item.kind, item.name)[:100],
                    "price": _amount(item.amount),
                    "quantity": 1,
                    "description": item.name[:100],
                }
                for item in items
            ],
            "bill_address1": checkout.address[:100],
            "bill_email": checkout.email,
            "bill_phone": checkout.phone,
            **self._wishes(order),
        }

    def _wishes(self, order: Order) -> dict[str, str]:
        """What may stand beside the invoice or in it; the documents show both."""
        wishes = {"transaction_type": "PreAuth"} if order.hold else {}
        if hook := self._options["sale_hook"]:
            wishes["sale_web_hook_key"] = hook
        return wishes

    def _page(self, answer: Mapping) -> str:
        """The address of the page, if a browser may be sent there."""
        link = str(answer.get("link", ""))
        ours = urlsplit(self._base_url)
        try:
            theirs = urlsplit(link)
            is_plain = LINK.fullmatch(link) and theirs.hostname and theirs.username is None
        except ValueError:
            is_plain = False
        if not is_plain or (theirs.scheme != "https" and theirs[:2] != ours[:2]):
            raise NoAnswer("no usable link in the answer")
        if theirs.hostname != ours.hostname:
            _logger.warning("platformode: its payment page is at %s", theirs.hostname)
        return link

    # === LISTENING === #

    @classmethod
    def reference_of(cls, message: Mapping[str, str]) -> str:
        return message.get("invoice_id", "")

    def read(self, message: Mapping[str, str], order: Order) -> Claim:
        """Read a sale or refund web hook ("7.4", "6.1"). Neither proves anything."""
        named = {name.lower(): text for name, text in message.items()}
        invoice, bundle = required(named, "invoice_id", "hash_key")
        if invoice != order.reference:
            raise BadMessage("invoice_id is of another order")
        try:
            fields = unseal(self._secrets["app_secret"], bundle)
            status, total, sealed_invoice, order_id, *currency = fields
        except ValueError:
            raise Forged(MISFIT) from None
        about_refund = not currency
        if (
            len(fields) > 5
            or not "".join(fields).isprintable()
            or (sealed_invoice, order_id)
            != (invoice, named.get("order_id") or named.get("order_no"))
            or named.get("status", status) != status
        ):
            raise Forged(MISFIT)
        happened = status in ("Completed", "1")
        return Claim(
            reference=invoice,
            key=":".join(
                [invoice, order_id, status, total, *([_digest(bundle)] if about_refund else [])]
            ),
            outcome=Outcome(
                state=State.PAID if happened else State.FAILED,
                psp_reference=order_id,
                text=words(named, "status_description"),
            ),
            doubt="hash_key can be forged: only checkstatus proves a payment",
            about_refund=about_refund,
        )

    # === ASKING === #

    def inquire(self, order: Order) -> Outcome:
        """Ask for the payment ("2.1. Check Order Status").

        :return: `UNKNOWN` if Platformode has none of that number, or has not processed it yet.
        """
        answer = self._status(order)
        code, status = code_of(answer), words(answer, "transaction_status")
        if code in NOT_FOUND:
            return Outcome(state=State.UNKNOWN, code=code, text=words(answer, "status_description"))
        if code not in (SUCCESS, FAILED):
            raise refusal(answer)
        if words(answer, "invoice_id") != order.reference:
            raise NoAnswer("checkstatus: of another invoice")
        if code == FAILED or status == "Failed":
            return failure(answer)
        kind = words(answer, "transaction_type")
        if status == "Completed" and kind == "Auth":
            return self._success(answer, order, State.PAID)
        if status in ("Completed", "Pending") and kind == "Pre-Authorization":
            return self._success(answer, order, State.AUTHORIZED)
        return Outcome(state=State.PENDING, text=status)

    def _success(self, answer: Mapping, order: Order, state: State) -> Outcome:
        currency = order.amount.currency  # The answer does not tell it.
        try:
            amount = Money.parse(answer.get("product_price"), currency)
        except ValueError as error:
            raise NoAnswer(f"checkstatus: {error}") from None
        return Outcome(
            state=state,
            amount=amount,
            charged=money(answer, "transaction_amount", currency),
            fee=money(answer, "merchant_commission", currency),
            settles_on=day(answer, "settlement_date"),
            psp_reference=words(answer, "order_id"),
        )

    def _status(self, order: Order) -> dict:
        return self._call(
            STATUS_PATH,
            f"inquire {order.reference}",
            {
                "invoice_id": order.reference,
                "merchant_key": self._secrets["merchant_key"],
                "hash_key": self._seal(order.reference, self._secrets["merchant_key"]),
            },
        )

    def probe(self) -> None:
        """Get a new token, which takes app ID and secret, then what the merchant key may do."""
        answer = self._call(
            INSTALLMENTS_PATH,
            "probe",
            {"merchant_key": self._secrets["merchant_key"]},
            access=self._fetch_access(),
        )
        if not answer.get("installments") and code_of(answer) not in (SUCCESS, NO_INSTALLMENTS):
            raise refusal(answer)

    # === COLLECTING AND GIVING BACK === #

    def capture(self, order: Order, amount: Money) -> Outcome:
        """Collect what is reserved, or a part of it ("7.16. Payment Confirmation API")."""
        if amount.minor <= 0:
            raise ValueError(f"not an amount to capture: {amount}")
        wanted = Outcome(state=State.PAID, amount=amount)
        return self._end_hold(order, CAPTURE, {"total": _amount(amount)}, wanted)

    def void(self, order: Order) -> Outcome:
        """Let go of what is reserved ("7.16. Payment Confirmation API")."""
        return self._end_hold(order, VOID, {}, Outcome(state=State.CANCELED))

    def _end_hold(
        self, order: Order, how: str, fields: Mapping[str, str], wanted: Outcome
    ) -> Outcome:
        """Confirm or cancel what is reserved, which can be done once only.

        :param wanted: What it is to come to.
        """
        status = ENDED[how]
        key = self._secrets["merchant_key"]
        answer = self._call(
            CONFIRM_PATH,
            f"{'capture' if how == CAPTURE else 'void'} {order.reference}",
            {
                "merchant_key": key,
                "invoice_id": order.reference,
                "status": how,
                "hash_key": self._seal(key, order.reference, how),
                **fields,
            },
        )
        code, said = code_of(answer), words(answer, "transaction_status")
        if code == NOT_RESERVED and self._has_ended(order, wanted, status):
            return wanted  # It was us, and the answer was lost.
        if code != SUCCESS:
            raise refusal(answer)
        if said not in ("", status) and how == CAPTURE:
            return Outcome(state=State.PENDING, text=said)
        return replace(wanted, psp_reference=words(answer, "order_id"))

    def _has_ended(self, order: Order, wanted: Outcome, status: str) -> bool:
        answer = self._status(order)
        price = money(answer, "product_price", order.amount.currency)
        return (
            words(answer, "invoice_id") == order.reference
            and words(answer, "transaction_status") == status
            and wanted.amount in (None, price)
        )

    def refund(self, order: Order, refund: Refund) -> Outcome:
        """Give back all or a part ("6. Transaction Refund").

        Platformode knows a repetition by our number of the refund.
        """
        amount, key = _amount(refund.amount), self._secrets["merchant_key"]
        body = {
            "invoice_id": order.reference,
            "amount": amount,
            "app_id": self._secrets["app_id"],
            "app_secret": self._secrets["app_secret"],
            "merchant_key": key,
            "hash_key": self._seal(amount, order.reference, key),
            "refund_transaction_id": refund.reference,
        }
        if hook := self._options["refund_hook"]:
            body["refund_web_hook_key"] = hook
        answer = self._call(REFUND_PATH, f"refund {refund.reference}", body)
        reference = words(answer, "ref_no") or words(answer, "ref_number")
        match code_of(answer):
            case code if code == SUCCESS:
                return Outcome(state=State.PAID, amount=refund.amount, psp_reference=reference)
            case code if code in REFUND_LATER:
                return Outcome(
                    state=State.PENDING, code=code, text=words(answer, "status_description")
                )
        raise refusal(answer)

    def inquire_refund(self, order: Order, refund: Refund) -> Outcome:
        """Compare what Platformode says was given back in all with what was before."""
        answer = self._status(order)
        if code_of(answer) != SUCCESS or words(answer, "invoice_id") != order.reference:
            return Outcome(state=State.PENDING)
        total = money(answer, "total_refunded_amount", refund.amount.currency)
        before = refund.refunded_before.minor
        if total and total.minor == before + refund.amount.minor:
            return Outcome(state=State.PAID, amount=refund.amount)
        is_unheard_of = total and total.minor == before
        return Outcome(state=State.UNKNOWN if is_unheard_of else State.PENDING)

    # === INSTALMENTS === #

    def installments(self, amount: Money, card_bin: str = "") -> tuple[Plan, ...]:
        """Totals for one card ("4. Get Installments") or for all ("7.7. Merchant Commission").

        What a single payment costs is told for one card only: families differ.
        """
        plans = self._card_plans(amount, card_bin) if card_bin else self._all_plans(amount)
        single = next((plan for plan in plans if plan.installments == 1), Plan(1, amount))
        return single, *sorted(
            {plan for plan in plans if plan.installments > 1},
            key=lambda plan: (plan.card_family, plan.installments),
        )

    def _card_plans(self, amount: Money, card_bin: str) -> list[Plan]:
        body = {
            "credit_card": card_bin,
            "amount": _amount(amount),
            "currency_code": amount.currency,
            "merchant_key": self._secrets["merchant_key"],
        }
        if self._allowed() == CARD_2D_ONLY:
            body["is_2d"] = "1"
        answer = self._call(CARD_OPTIONS_PATH, "card options", body)
        if code_of(answer) != SUCCESS:
            raise refusal(answer)
        return [
            Plan(count, total)
            for row in rows(answer.get("data"))
            if (count := _count(row))
            and (total := money(row, "amount_to_be_paid", amount.currency))
        ]

    def _all_plans(self, amount: Money) -> list[Plan]:
        answer = self._call(COMMISSIONS_PATH, "commissions", {"currency_code": amount.currency})
        table = answer.get("data")
        if code_of(answer) != SUCCESS or not isinstance(table, dict):
            raise refusal(answer)
        return [
            Plan(int(count), total, words(row, "card_program"))
            for count, programs in table.items()
            if re.fullmatch(r"[2-9]|1[0-2]", count)
            for row in rows(programs)
            if (total := _with_commission(amount, row))
        ]

    # === ACCESS AND SENDING === #

    def _access(self, stale: str = "") -> str:
        """The token, and what it says the merchant may do, as JSON."""
        name = ":".join((self.code, self._base_url, *self._secrets.values()))
        return self._keyring.obtain(name, self._fetch_access, seconds=TOKEN_SECONDS, stale=stale)

    def _fetch_access(self) -> str:
        reply = self._client.post(
            self._base_url + TOKEN_PATH,
            json={name: self._secrets[name] for name in ("app_id", "app_secret")},
            headers={"Accept": "application/json"},
            scrub=self.scrub,
            label="platformode token",
        )
        answer = self._answer(reply)
        data = answer.get("data")
        token = str(data.get("token", "")) if isinstance(data, dict) else ""
        if code_of(answer) != SUCCESS:
            raise refusal(answer)
        if not re.fullmatch(r"[\w.~+/=-]{8,4096}", token, re.ASCII):
            raise NoAnswer("no token in the answer")
        return json.dumps({"token": token, "is_3d": str(data.get("is_3d", ""))})

    def _call(self, path: str, label: str, body: Mapping, access: str = "") -> dict:
        """Call a service. Who is told that the token is no longer good gets a new one, once."""
        access = access or self._access()
        reply = self._send(path, label, body, access)
        if reply.status == 401:
            reply = self._send(path, label, body, self._access(stale=access))
        return self._answer(reply)

    def _send(self, path: str, label: str, body: Mapping, access: str) -> Reply:
        token = json.loads(access)["token"]
        return self._client.post(
            self._base_url + path,
            json=body,
            headers={"Accept": "application/json", "Authorization": f"Bearer {token}"},
            scrub=self.scrub,
            label=f"platformode {label}",
        )

    def _answer(self, reply: Reply) -> dict:
        """What a service answered.

        :raise Refused: If it was not even looked at.
        """
        if reply.status == 429:
            raise Refused("too many requests", reason=Reason.TRY_LATER, code="429")
        answer = reply.json()
        if reply.status == 401:
            raise Refused(text_of(answer), reason=Reason.WRONG_APP, code="401")
        if reply.status == 422:
            raise Refused(text_of(answer), reason=Reason.TECHNICAL, code="422")
        if reply.status >= 400:
            raise NoAnswer(f"HTTP {reply.status}")
        return answer

    def _seal(self, *fields: str) -> str:
        return seal(self._secrets["app_secret"], *fields)


# === PLATFORMODE'S NOTATION === #


def _amount(money: Money) -> str:
    return f"{money.major:.2f}"


def _count(row: Mapping) -> int | None:
    digits = str(row.get("installments_number"))
    return int(digits) if re.fullmatch(r"[1-9]\d?", digits, re.ASCII) else None


def _with_commission(amount: Money, row: Mapping) -> Money | None:
    """The amount with what the buyer pays on top; `x` marks what the merchant does not offer."""
    percent = money(row, "user_commission_percentage", "%")
    fixed = money(row, "user_commission_fixed", amount.currency)
    if percent is None or fixed is None:
        return None
    surcharge = -(-amount.minor * percent.minor // 10000) + fixed.minor
    return Money(amount.minor + surcharge, amount.currency)


def _counts(order: Order, checkout: Checkout) -> range:
    """Numbers of instalments that may be chosen; what is only reserved is paid at once."""
    most = 1 if order.hold else checkout.max_installments or MOST_INSTALLMENTS
    return range(1, most + 1)


def _digest(bundle: str) -> str:
    """Tells two refunds of the same amount apart, whatever form a bundle has been through."""
    plain = bundle.replace(" ", "+").replace("/", "__").rstrip("=")
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _split_name(name: str) -> tuple[str, str]:
    """First names and surname; who has only one name has it twice, for both are required."""
    *first, last = name.split() or ["-"]
    return (" ".join(first) or last)[:50], last[:50]
