"""What no shop may keep, and no browser of a customer may send to it."""

import re

import pytest
from customer import NUMBERS

from dev.shop import MERCHANTS

NAMES = {
    "paytr": ("paytr_merchant_key", "paytr_merchant_salt"),
    "platformode": ("platformode_app_secret", "platformode_merchant_key"),
}
NUMBERS_IN_GROUPS = [" ".join(re.findall("....", number)) for number in NUMBERS.values()]
KEYS = [re.escape(MERCHANTS[code][name]) for code, names in NAMES.items() for name in names]
SECURITY_CODE = r"cvv\W+000"  # As any form has it: the digits alone are everywhere.
SECRETS = re.compile("|".join([*NUMBERS.values(), *NUMBERS_IN_GROUPS, *KEYS, SECURITY_CODE]))


def tables_with_secrets(odoo):
    """Return the tables with a secret in any row, but for the columns of credentials."""
    tables = odoo.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split()
    credentials = "".join(f" - '{name}'" for names in NAMES.values() for name in names)
    row = f"(to_jsonb(r){credentials})::text"
    found = []
    for first in range(0, len(tables), 100):  # A statement may not be longer.
        names = (
            f"SELECT '{table}' WHERE EXISTS"
            f' (SELECT FROM "{table}" AS r, secrets WHERE {row} ~ pattern)'
            for table in tables[first : first + 100]
        )
        secrets = f"WITH secrets(pattern) AS (VALUES ('{SECRETS.pattern}'))"
        found += odoo.sql(f"{secrets} {' UNION ALL '.join(names)}").split()
    return found


@pytest.mark.last
@pytest.mark.viewport("desktop")
def test_no_secret_is_left_behind(customer, shop, odoo, psp, buyer, sent_to_odoo):
    payment = customer.come_to_pay(buyer.choose())
    customer.pay("mastercard")
    customer.expect_thanks()
    odoo.refund(odoo.wait_until_booked(payment), 40.00)
    odoo.wait_for_refunds(payment, ("done", -40.0))

    assert tables_with_secrets(odoo) == []
    assert not SECRETS.search(shop.odoo_log.read_text(errors="replace"))
    assert any(payment.start_route in request for request in sent_to_odoo)
    assert not SECRETS.search("\n".join(sent_to_odoo))
