"""``make demo``: a shop to click through, with the sandbox as its payment providers."""

import os

from . import prepare
from .console import Trouble, say
from .databases import Databases
from .project import PREPARED
from .shop import Shop, free_port, is_free

PORT = 8069
INVITATION = """
  Appointments  {shop.url}/book
  Shop          {shop.url}/shop
  Back office   {shop.url}/odoo     (login: admin, password: admin)
  Sandbox       {shop.sandbox_url}   (test cards, faults, the providers' own books)

  Logs are in {logs}. Ctrl-C closes the shop; every start is a fresh one.
  The database server stays for a quick next start: `make clean` ends it.
"""


def run() -> None:
    """Open the shop, and keep it open until Ctrl-C."""
    port = _port()
    prepared = prepare.everything()
    logs = PREPARED / "logs"
    sandbox_port = port + 1 if is_free(port + 1) else free_port()
    with (
        Databases(prepared).borrow("demo", f"demo_{port}") as database,
        Shop(prepared, database, logs, port=port, sandbox_port=sandbox_port) as shop,
    ):
        say(INVITATION.format(shop=shop, logs=logs))
        try:
            shop.wait()
        except KeyboardInterrupt:
            say("\n  Closing the shop …")
        else:
            raise Trouble(f"The shop closed by itself: {logs} has the reason.")


def _port() -> int:
    chosen = os.environ.get("DEMO_PORT") or str(PORT)
    if not chosen.isdecimal() or int(chosen) > 65535:
        raise Trouble(f"DEMO_PORT={chosen} is not a port: choose a number such as {PORT}.")
    port = int(chosen) or free_port()
    if not is_free(port):
        raise Trouble(
            f"Port {port} is taken by another program: stop it, or choose another port with"
            f" `make demo DEMO_PORT={free_port()}`."
        )
    return port
