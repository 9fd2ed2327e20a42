"""The payment service providers, one module or package each, in plain Python.

Nothing below this package knows Odoo. `base` holds the vocabulary that all gateways share,
`transport` and `keyring` the way they reach the network; `paytr` and `platformode` can each be read
next to that PSP's manual. `docs/gateways.md` shows how the verbs map to the services of each
PSP and how to add another one.
"""

from .base import Gateway
from .paytr import PayTR
from .platformode import Platformode

GATEWAYS: dict[str, type[Gateway]] = {gateway.code: gateway for gateway in (PayTR, Platformode)}
