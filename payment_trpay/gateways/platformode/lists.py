"""The lists of payments, to compare with what the shop knows."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ..base import ListedPayment, MaskedCard, Money, State
from ..notation import listed, rows, words
from ..transport import NoAnswer
from .answers import GIVEN_BACK, NOT_FOUND, SUCCESS, code_of, date_in, money, refusal, whole
from .api import CURRENCIES, LIRA, MOST_INSTALLMENTS, Api
from .hash import seal

TRANSACTIONS_PATH = "/api/getTransactions"
ALL_PATH = "/api/alltransaction"
MOST_PAGES = 20
ROWS_PER_PAGE = "50"
RECENT = timedelta(days=100)  # Longer than anything is asked about by itself.
FILTERS = (
    "date",
    "invoiceid",
    "currency_id",
    "paymentmethodid",
    "minamount",
    "maxamount",
    "transactionState",
)
CURRENCY_IDS = {"1": LIRA}  # The other ones are not documented.
CHARGED_BACK = {"11", "Chargebacked"}
# By label or by number. What was given back was paid.
STATES = {
    "Completed": State.PAID,
    "Failed": State.FAILED,
    "Pending": State.PENDING,
    "1": State.PAID,
    "2": State.FAILED,
    "3": State.PENDING,
}


class Lists(Api):
    """Payments as Platformode lists them; rows that cannot be read are left out."""

    def list_payments(self, first: date, last: date) -> tuple[ListedPayment, ...]:
        """All payments of a day, failed ones too ("7.15. Get Transactions").

        :raise ValueError: For more than one day.
        """
        if first != last:
            raise ValueError(f"{first} to {last} is more than a day")
        return self._transactions(f"payments of {first}", {"date": first.isoformat()}, type="daily")

    def _recent_payments(self, reference: str) -> tuple[ListedPayment, ...]:
        """What the list that names currencies has of a payment ("7.15. Get Transactions")."""
        today = datetime.now(UTC).date()  # With a day to spare: its clock is that of Türkiye.
        found = self._transactions(
            f"currency of {reference}",
            {"invoiceid": reference},
            type="range",
            from_date=f"{today - RECENT} 00:00:00",
            to_date=f"{today + timedelta(days=1)} 23:59:59",
        )
        return tuple(payment for payment in found if payment.reference == reference)

    def _transactions(
        self, label: str, filters: Mapping[str, str], **period: str
    ) -> tuple[ListedPayment, ...]:
        """This one hash is sealed with the merchant key, and covers the filters only."""
        wanted = dict.fromkeys(FILTERS, "") | filters
        proof = {"merchant_key": self._key, "hash_key": seal(self._key, *wanted.values())}
        return _payments(self._data(TRANSACTIONS_PATH, label, {**proof, **wanted, **period}))

    def find_payments(self, reference: str) -> tuple[ListedPayment, ...]:
        """All payments with a reference ("7.18. All Transaction API").

        A reference serves once, so they are all of one currency.
        """
        found = (self._found(reference, currency) for currency in CURRENCIES)
        return next(filter(None, found), ())

    def _found(self, reference: str, currency: str) -> tuple[ListedPayment, ...]:
        pages = self._pages(reference, currency)
        found = (payment for page in pages for payment in _payments(page, currency))
        return tuple(dict.fromkeys(each for each in found if each.reference == reference))

    def _pages(self, reference: str, currency: str) -> Iterator[object]:
        """The page's number stands where the answer's links have it, and where all wishes are."""
        body = {
            "invoice_id": reference,
            "currency_code": currency,
            "order": "desc",
            "page_limit": ROWS_PER_PAGE,
        }
        for page in range(1, MOST_PAGES + 1):
            path, label = f"{ALL_PATH}?page={page}", f"payments {reference}"
            data = self._data(path, label, body | {"page": str(page)})
            is_page = isinstance(data, dict) and listed(data) is None
            paginator = data if is_page else {"data": data}
            yield paginator.get("data")
            if page >= (whole(paginator.get("last_page"), 10**6) or 1):
                return

    def _data(self, path: str, label: str, body: Mapping) -> object:
        answer = self._call(path, label, body)
        if code_of(answer) in NOT_FOUND:
            return []
        if code_of(answer) != SUCCESS:
            raise refusal(answer)
        return answer.get("data")


def _payments(data: object, asked: str = "") -> tuple[ListedPayment, ...]:
    """The payments of a list.

    :param asked: The currency that was asked for, of rows that do not name theirs.
    """
    if listed(data) is None:
        raise NoAnswer("no list in the answer")
    return tuple(filter(None, (_payment(row, asked) for row in rows(data))))


def _payment(row: Mapping, asked: str) -> ListedPayment | None:
    reference = words(row, "invoice_id")
    currency = words(row, "currency_code") or CURRENCY_IDS.get(words(row, "currency_id"), asked)
    amount = money(row, "product_price", currency)
    if not reference or not amount or not re.fullmatch("[A-Z]{3}", currency):
        return None
    state = words(row, "transaction_state_label"), words(row, "transaction_state_id")
    return ListedPayment(
        reference=reference,
        state=_state(*state),
        amount=amount,
        charged=money(row, "gross", currency),
        fee=_rounded(row, "merchant_commission", currency, ROUND_CEILING),
        net=_rounded(row, "net", currency, ROUND_FLOOR),
        refunded=money(row, "total_refunded_amount", currency),
        is_charged_back=not CHARGED_BACK.isdisjoint(state),
        settles_on=date_in(row, "settlement_date_merchant"),
        installments=whole(row.get("installment"), MOST_INSTALLMENTS),
        card=MaskedCard(words(row, "credit_card_no")),
        psp_reference=words(row, "order_id"),
        psp_number=words(row, "id"),
    )


def _state(label: str, number: str) -> State:
    if GIVEN_BACK.search(label) or number in CHARGED_BACK:
        return State.PAID
    return STATES.get(label) or STATES.get(number, State.PENDING)


def _rounded(row: Mapping, name: str, currency: str, rounding: str) -> Money | None:
    """A computed amount: unlike a price it may have any number of decimals."""
    if exact := money(row, name, currency):
        return exact
    written = str(row.get(name))
    if not re.fullmatch(r"\d{1,12}(\.\d{1,20})?", written, re.ASCII):
        return None
    zero = Money(0, currency)
    minor = Decimal(written).scaleb(zero.decimals).to_integral_value(rounding)
    return Money(int(minor), currency)
