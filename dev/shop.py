"""Odoo and the sandbox as two processes that know each other's address: a shop that takes money.

The demo and the end-to-end tests both run on it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from .console import Trouble
from .databases import Databases
from .prepare import Prepared
from .project import ROOT

HOST = "127.0.0.1"
# The merchant accounts of the sandbox, as the settings of the shop's providers have them.
MERCHANTS = {
    "paytr": {
        "paytr_merchant_id": "123456",
        "paytr_merchant_key": "TESTKEYabcdef123",
        "paytr_merchant_salt": "TESTSALTghijk456",
    },
    "platformode": {
        "platformode_app_id": "0badc0de0badc0de0badc0de0badc0de",
        "platformode_app_secret": "5ecre75ecre75ecre75ecre75ecre750",
        "platformode_merchant_key": (
            "$2y$10$SandboxMerchantKey/Only.ForTheDemo0123456789abcdefghi"
        ),
    },
}
# By what the sandbox calls a merchant, where that is none of the keys.
MERCHANT_IDS = {"platformode": ["98765"]}
# More visitors at once than database connections wait for their turn, instead of an error.
QUEUE = {"ODOO_MAX_HTTP_THREADS": "auto"}
START_TIMEOUT = 120
STOP_TIMEOUT = 20


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Shop:
    """A running shop. Leaving the context stops both processes, and nothing outlives us."""

    def __init__(
        self,
        prepared: Prepared,
        database: str,
        logs: Path,
        *,
        port: int = 0,
        sandbox_port: int = 0,
        workers: int = 0,
        options: Sequence[str] = (),
    ):
        self.database = database
        self.port = port or free_port()
        self.sandbox_port = sandbox_port or free_port()
        self.workers = workers
        self.options = options
        self.url = f"http://{HOST}:{self.port}"
        self.sandbox_url = f"http://{HOST}:{self.sandbox_port}"
        self.odoo_log = logs / f"odoo-{self.port}.log"
        self.sandbox_log = logs / f"sandbox-{self.sandbox_port}.log"
        self._prepared = prepared
        self._processes: list[subprocess.Popen] = []

    def __enter__(self) -> Self:
        self.odoo_log.parent.mkdir(parents=True, exist_ok=True)
        endpoints = {
            f"payment_trpay.endpoint.{code}": f"{self.sandbox_url}/{code}" for code in MERCHANTS
        }
        address = {"web.base.url": self.url, "web.base.url.freeze": "True"}
        Databases(self._prepared).set_parameters(self.database, endpoints | address)
        try:
            sandbox = self._start(self._sandbox_command(), self.sandbox_log)
            odoo = self._start(self._odoo_command(), self.odoo_log)
            self._wait_for(f"{self.sandbox_url}/_control/health", sandbox, self.sandbox_log)
            self._allow_bank_transfers()
            self._wait_for(f"{self.url}/web/login", odoo, self.odoo_log)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def wait(self) -> None:
        """Return when one of the processes has ended, which neither should."""
        while all(process.poll() is None for process in self._processes):
            time.sleep(0.5)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Stop Odoo for as long as the context lasts, then start it again; the sandbox goes on."""
        odoo = self._processes.pop()
        odoo.send_signal(signal.SIGTERM)
        odoo.wait(STOP_TIMEOUT)
        yield
        odoo = self._start(self._odoo_command(), self.odoo_log)
        self._wait_for(f"{self.url}/web/login", odoo, self.odoo_log)

    def stop(self) -> None:
        """Stop both processes, by force if they do not listen."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._processes.clear()

    def _odoo_command(self) -> list[str]:
        return self._prepared.command(
            *("--database", self.database, "--db-filter", f"^{self.database}$"),
            *("--http-port", str(self.port), "--gevent-port", str(free_port())),
            *("--workers", str(self.workers), "--max-cron-threads", "1"),
            *self.options,
        )

    def _sandbox_command(self) -> list[str]:
        merchants = [
            ":".join([code, *keys.values(), *MERCHANT_IDS.get(code, ()), self._notify_url(code)])
            for code, keys in MERCHANTS.items()
        ]
        return [
            *(str(self._prepared.python), "-m", "sandbox"),
            *("--host", HOST, "--port", str(self.sandbox_port)),
            *(word for merchant in merchants for word in ("--merchant", merchant)),
        ]

    def _notify_url(self, code: str) -> str:
        return f"{self.url}/payment/{code}/notify"

    def _allow_bank_transfers(self) -> None:
        """Switch on what a real shop has to ask PayTR for."""
        merchant = MERCHANTS["paytr"]["paytr_merchant_id"]
        settings = {"eft": True, "interim_url": self._notify_url("paytr")}
        request = urllib.request.Request(
            f"{self.sandbox_url}/_control/paytr/merchants/{merchant}",
            data=json.dumps(settings).encode(),
            headers={"Content-Type": "application/json"},
            method="PATCH",
        )
        urllib.request.urlopen(request, timeout=START_TIMEOUT).close()

    def _start(self, command: Sequence[str], log: Path) -> subprocess.Popen:
        with log.open("w") as output:
            process = subprocess.Popen(
                [*_ends_with_us(), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._prepared.env | QUEUE,
                cwd=ROOT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _wait_for(self, url: str, process: subprocess.Popen, log: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(url, timeout=START_TIMEOUT):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise Trouble(f"{end}\n\n{url} does not answer: the lines above ({log}) say why.")


def _ends_with_us() -> list[str]:
    """Return the command that makes the kernel stop what follows it when we are killed."""
    supported = sys.platform == "linux" and shutil.which("setpriv")
    return ["setpriv", "--pdeathsig", "TERM", "--"] if supported else []
