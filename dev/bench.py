"""``make bench``: how many notifications a second a shop takes, beside what Odoo itself can.

One Odoo process with threads and without cron, each message about another open payment, each on a
connection of its own, as providers send them.
"""

import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from . import prepare
from .console import Trouble, step
from .databases import Databases
from .project import PREPARED
from .shop import HOST, Shop

MESSAGES = 400
WARM_UP = 20
CLIENTS = 4
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAYMENTS = Path(__file__).with_name("bench_payments.py")


class Message(NamedTuple):
    """A notification to post."""

    code: str
    path: str
    body: str


def run(count: str = str(MESSAGES)) -> None:
    """Measure, and print a table."""
    if not count.isdecimal() or not int(count):
        raise Trouble(f"{count} is no number of messages: try `make bench ARGS={MESSAGES}`.")
    prepared = prepare.everything()
    databases = Databases(prepared)
    wanted = int(count)
    with databases.borrow("demo") as database:
        with step("Open payments"):
            messages = _messages(databases, database, 2 * wanted + WARM_UP)
        options = ("--max-cron-threads=0", "--log-level=warn")
        with Shop(prepared, database, PREPARED / "logs", options=options) as shop:
            nothing = [Message("", "/web/health", "")] * wanted
            redsys, paytr = (
                [message for message in messages if message.code == code]
                for code in ("redsys", "paytr")
            )
            print(f"\n  {'what answers':<44}{'requests/s':>12}{'median':>10}{'p99':>10}")
            for title, load, clients in (
                ("nothing: Odoo's own floor", nothing, 1),
                ("core's payment_redsys", redsys[: wanted + WARM_UP], 1),
                ("payment_trpay (PayTR)", paytr[: wanted + WARM_UP], 1),
                (f"core's payment_redsys, {CLIENTS} clients", redsys[wanted + WARM_UP :], CLIENTS),
                (f"payment_trpay (PayTR), {CLIENTS} clients", paytr[wanted + WARM_UP :], CLIENTS),
            ):
                warm_up = WARM_UP if clients == 1 else 0
                _post_all(shop.port, load[:warm_up], clients)
                _report(title, *_post_all(shop.port, load[warm_up:], clients))


def _messages(databases: Databases, database: str, count: int) -> list[Message]:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        parameters = {"BENCH_COUNT": str(count), "BENCH_FILE": file.name}
        databases.run_script(database, PAYMENTS, parameters)
        return [Message(**json.loads(line)) for line in file]


def _post_all(port: int, messages: Sequence[Message], clients: int) -> tuple[float, list[float]]:
    """Post them, and return how long it took in all and for each."""
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        times = list(threads.map(lambda message: _post(port, message), messages))
    return time.perf_counter() - started, times


def _post(port: int, message: Message) -> float:
    started = time.perf_counter()
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("POST" if message.body else "GET", message.path, message.body, FORM)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != http.HTTPStatus.OK:
        raise Trouble(f"{message.path} answers {response.status}: {answer[:200]!r}")
    return time.perf_counter() - started


def _report(title: str, total: float, times: Sequence[float]) -> None:
    median, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    rate = len(times) / total
    print(f"  {title:<44}{rate:>12.0f}{median * 1000:>7.1f} ms{p99 * 1000:>7.1f} ms", flush=True)
