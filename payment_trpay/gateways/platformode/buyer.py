"""Who pays, as Platformode wants to be told: names, the address for the bill, the holder of a card.

The document gives a length for the two lines of the address only ("100 karakterden fazla
olmamalıdır"); the others are kept as short.
"""

from .. import contact
from ..base import Card, Checkout, Contact, Reason, needed

LONGEST, LONGEST_NAME = 100, 50
NO_NAME, NO_PHONE = "Müşteri", "+900000000000"
COUNTRIES = {"TR": "TURKEY"}  # As in the sample; the others have their English names.


def person(checkout: Checkout) -> dict[str, str]:
    """Required names, and the customer's address in the internet if it is known."""
    name = contact.text(checkout.customer.name) or NO_NAME
    first, last = contact.split_name(name, LONGEST_NAME)
    return {"name": first, "surname": last} | _given(ip=contact.public_ip(checkout.ip))


def bill(checkout: Checkout) -> dict[str, str]:
    """Optional fields: what the customer has not is left out. Only the e-mail may be the shop's."""
    customer = checkout.customer
    country = COUNTRIES.get(customer.country) or customer.country_name.upper()
    return _given(
        bill_address1=contact.text(customer.street, LONGEST),
        bill_address2=contact.text(customer.street2, LONGEST),
        bill_city=contact.text(customer.city, LONGEST),
        bill_state=contact.text(customer.state, LONGEST),
        bill_postcode=contact.text(customer.postcode, LONGEST),
        bill_country=contact.text(country, LONGEST),
        bill_email=_email(checkout),
        bill_phone=_phone(customer),
    )


def holder_of_stored(checkout: Checkout) -> dict[str, str]:
    """Required fields ("7.10. Pay With CardToken").

    :raise Refused: If neither the customer nor the shop has an e-mail address that can be sent.
    """
    return {
        "customer_name": contact.text(checkout.customer.name, LONGEST) or NO_NAME,
        "customer_email": needed(_email(checkout), Reason.EMAIL_REFUSED),
        "customer_phone": _phone(checkout.customer) or _phone(checkout.shop) or NO_PHONE,
    }


def holder_on(card: Card) -> str:
    """The required name on a card.

    :raise Refused: If what was typed has nothing that can be sent.
    """
    return needed(contact.text(card.holder, LONGEST), Reason.NAME_REFUSED)


def holder_to_store(who: Contact) -> dict[str, str]:
    """Optional fields ("7.11. SaveCard Api")."""
    return _given(customer_name=contact.text(who.name, LONGEST), customer_phone=_phone(who))


def _email(checkout: Checkout) -> str:
    return contact.email(checkout.customer.email) or contact.email(checkout.shop.email)


def _phone(who: Contact) -> str:
    return contact.phone(who.phone, who.country)


def _given(**fields: str) -> dict[str, str]:
    return {name: text for name, text in fields.items() if text}
