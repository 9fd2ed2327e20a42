"""A customer who pays, for every gateway."""

from dataclasses import replace

from gateways.base import Checkout, Contact

CHECKOUT = Checkout(
    customer=Contact(
        name="Ali Veli",
        email="ali.veli@example.com",
        phone="0555 123 45 67",
        street="Örnek Mah. 1",
        city="İzmir",
        country="TR",
        country_name="Türkiye",
    ),
    shop=Contact(name="Klinik", email="klinik@shop.example", phone="0232 555 12 34"),
    ip="203.0.113.7",
    description="Klinik SO0001",
    return_url="https://shop.example/return",
    cancel_url="https://shop.example/cancel",
)


def of_customer(**changes: str) -> dict[str, Contact]:
    """What to replace in a checkout for another customer."""
    return {"customer": replace(CHECKOUT.customer, **changes)}
