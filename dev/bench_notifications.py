"""``make bench``: how many notifications a second a shop takes, beside what Odoo itself can.

One Odoo process with threads and without cron, each message about another open payment, each on a
connection of its own, as providers send them. The two take turns, so that none of them has the
machine at a quieter moment.
"""

import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from . import prepare
from .console import Trouble, step
from .databases import Databases
from .project import PREPARED
from .shop import HOST, Shop

MESSAGES = 400
TURN = 20
CLIENTS = 4
TITLES = {
    "": "nothing: Odoo's own floor",
    "redsys": "core's payment_redsys",
    "paytr": "payment_trpay (PayTR)",
}
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
    turns = max(int(count) // TURN, 1)
    with databases.borrow("demo") as database:
        with step("Open payments"):
            loads = _messages(databases, database, (1 + 2 * turns) * TURN)
        options = ("--max-cron-threads=0", "--log-level=warn")
        with Shop(prepared, database, PREPARED / "logs", options=options) as shop:
            _measure(shop.port, loads, 1, clients=1)  # Until everything is warm.
            print(f"\n  {'what answers':<44}{'requests/s':>12}{'median':>10}{'p99':>10}")
            for clients in (1, CLIENTS):
                for code, (seconds, times) in _measure(shop.port, loads, turns, clients).items():
                    together = f", {clients} clients" if clients > 1 else ""
                    _report(TITLES[code] + together, seconds, times)


def _messages(databases: Databases, database: str, count: int) -> dict[str, list[Message]]:
    """As many messages of each kind, by the code of who sends them."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        parameters = {"BENCH_COUNT": str(count), "BENCH_FILE": file.name}
        databases.run_script(database, PAYMENTS, parameters)
        messages = [Message(**json.loads(line)) for line in file]
    nothing = [Message("", "/web/health", "")] * count
    return {code: [one for one in messages if one.code == code] or nothing for code in TITLES}


def _measure(
    port: int, loads: dict[str, list[Message]], turns: int, clients: int
) -> dict[str, tuple[float, list[float]]]:
    """Post so many turns of each load, and take them off it.

    :return: By code, how many seconds it took in all, and for each message.
    """
    measured = {code: (0.0, []) for code in loads}
    for _turn in range(turns):
        for code, load in loads.items():
            messages = [load.pop() for _message in range(TURN)]
            started = time.perf_counter()
            with ThreadPoolExecutor(clients) as threads:
                times = list(threads.map(partial(_post, port), messages))
            seconds, earlier = measured[code]
            measured[code] = (seconds + time.perf_counter() - started, earlier + times)
    return measured


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
