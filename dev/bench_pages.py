"""``make bench-pages``: how long the booking pages take in a clinic with many appointments.

Beside core's own ``/my/home``, for the same customer, who is logged in, in turns.
"""

import http.client
import json
import statistics
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from . import prepare
from .console import Trouble, step
from .databases import Databases
from .project import PREPARED
from .shop import HOST, Shop

BOOKINGS = 5000
VISITS = 60
LOGIN = "bench"
CORE_PAGE = "/my/home"


def run(count: str = str(BOOKINGS)) -> None:
    """Measure, and print a table."""
    if not count.isdecimal() or not int(count):
        raise Trouble(f"{count} is no number of bookings: try `make bench-pages ARGS={BOOKINGS}`.")
    prepared = prepare.everything()
    databases = Databases(prepared)
    with databases.borrow("demo") as database:
        with step(f"{count} appointments"):
            script = Path(__file__).with_name("bench_appointments.py")
            databases.run_script(database, script, {"BENCH_COUNT": count, "BENCH_LOGIN": LOGIN})
            databases.sql("ANALYZE", database=database)
        service = databases.sql(
            "SELECT type_id FROM resource_booking GROUP BY type_id ORDER BY count(*) DESC LIMIT 1",
            database=database,
        )
        whole_month = datetime.now(UTC).replace(day=1) + timedelta(days=32)
        options = ("--max-cron-threads=0", "--log-level=warn")
        with Shop(prepared, database, PREPARED / "logs", options=options) as shop:
            cookie = _log_in(shop.url, database)
            pages = (CORE_PAGE, "/book", f"/book/{service}?month={whole_month:%Y-%m}")
            times = _measure(shop.port, cookie, pages)
    floor = statistics.median(times[CORE_PAGE])
    print(f"\n  {'page':<44}{'median':>12}{'p99':>12}{'times core':>12}")
    for page, seconds in times.items():
        median, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
        print(f"  {page:<44}{median * 1000:>9.1f} ms{p99 * 1000:>9.1f} ms{median / floor:>12.2f}")


def _log_in(url: str, database: str) -> str:
    params = {"db": database, "login": LOGIN, "password": LOGIN}
    request = urllib.request.Request(
        f"{url}/web/session/authenticate",
        json.dumps({"params": params}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["Set-Cookie"].split(";")[0]


def _measure(port: int, cookie: str, pages: tuple[str, ...]) -> dict[str, list[float]]:
    """Visit the pages in turns, after each was visited often enough to be warm."""
    times = {page: [] for page in pages}
    for visit in range(VISITS + 3):
        for page in pages:
            seconds = _visit(port, page, cookie)
            if visit >= 3:
                times[page].append(seconds)
    return times


def _visit(port: int, page: str, cookie: str) -> float:
    started = time.perf_counter()
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.request("GET", page, headers={"Cookie": cookie})
    response = connection.getresponse()
    response.read()
    if response.status in {301, 303}:
        return _visit(port, response.headers["Location"], cookie)
    if response.status != http.HTTPStatus.OK:
        raise Trouble(f"{page} answers {response.status}.")
    connection.close()
    return time.perf_counter() - started
