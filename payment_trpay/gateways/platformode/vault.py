"""Cards that Platformode keeps for their holders to pay with again."""

import re
from collections.abc import Mapping

from ..base import Card, Contact, StoredCard
from ..card_number import masked
from ..notation import listed, rows, words
from .answers import NO_CUSTOMER, SUCCESS, code_of, concealing, refusal
from .api import Api
from .buyer import holder_on, holder_to_store

STORE_PATH = "/api/saveCard"
RENEW_PATH = "/api/editCard"
FORGET_PATH = "/api/deleteCard"
STORED_PATH = "/api/getCardTokens"


class Vault(Api):
    """Stored cards, each under a token, and under a number that the shop gave its customer."""

    def store(self, card: Card, customer: str, holder: Contact | None = None) -> StoredCard:
        """Let Platformode keep a card ("7.11. SaveCard Api").

        :param customer: Digits.
        :raise Refused: With Platformode's reason, or if the name on the card cannot be sent.
        """
        name = holder_on(card)
        sealed = (self._key, customer, name, card.number, card.month, card.year)
        body = {
            "merchant_key": self._key,
            "customer_number": customer,
            "card_holder_name": name,
            "card_number": card.number,
            "expiry_month": card.month,
            "expiry_year": card.year,
            "hash_key": self._seal(*sealed),
            **holder_to_store(holder or Contact()),
        }
        with concealing(card):
            answer = self._call(STORE_PATH, "store card", body)
            token = words(answer, "card_token")
            if code_of(answer) != SUCCESS or not token:
                raise refusal(answer)
        return StoredCard(token=token, customer=customer, number=masked(card.number))

    def renew(self, card: StoredCard, month: str, year: str) -> None:
        """Tell a card's new date of expiry ("7.12. Save Cart Edit Api").

        :param month: Two digits.
        :param year: Four digits.
        """
        body = self._of_card(card) | {"expiry_month": month, "expiry_year": year}
        answer = self._call(RENEW_PATH, "renew card", body)
        if code_of(answer) != SUCCESS:
            raise refusal(answer)

    def forget(self, card: StoredCard) -> None:
        """Let Platformode delete a card ("7.13. SaveCard Delete Api").

        No code tells that it has none such any more, but its list does.
        """
        answer = self._call(FORGET_PATH, "forget card", self._of_card(card))
        if code_of(answer) == SUCCESS:
            return
        if card.token in {words(row, "card_token") for row in self._listed(card.customer)}:
            raise refusal(answer)

    def stored_cards(self, customer: str) -> tuple[StoredCard, ...]:
        """All cards of a customer ("7.14. SaveCard : Get Card Tokens Api").

        Nobody may see another's: each must have the customer's number, which comes back with the
        merchant's behind it.
        """
        return tuple(
            StoredCard(token=token, customer=customer, number=_number(words(row, "bin")))
            for row in self._listed(customer)
            if words(row, "customer_number").split("-")[0] == customer
            and (token := words(row, "card_token"))
        )

    def _listed(self, customer: str) -> list[Mapping]:
        body = {"merchant_key": self._key, "customer_number": customer}
        answer = self._call(STORED_PATH, "stored cards", body)
        if code_of(answer) == NO_CUSTOMER:
            return []
        if code_of(answer) != SUCCESS or listed(answer.get("data")) is None:
            raise refusal(answer)
        return rows(answer["data"])

    def _of_card(self, card: StoredCard) -> dict[str, str]:
        return {
            "merchant_key": self._key,
            "card_token": card.token,
            "customer_number": card.customer,
            "hash_key": self._seal(self._key, card.customer, card.token),
        }


def _number(digits: str) -> str:
    return f"{digits}******" if re.fullmatch(r"\d{6,8}", digits, re.ASCII) else ""
