"""The whole sandbox: every PSP below its own path, the control API, and a page for people."""

import logging
import threading
from contextlib import suppress

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from . import control
from .clock import Scheduler
from .faults import Faults
from .ledger import Ledger
from .notifier import Notifier
from .paytr import PayTR
from .platformode import Platformode
from .web import Site

PSPS = (PayTR, Platformode)

_log = logging.getLogger(__name__)


class Sandbox:
    """What the PSPs share, and the WSGI application that serves them."""

    def __init__(self, notify_retry_seconds: float = 60):
        self.notify_retry_seconds = notify_retry_seconds
        self.lock = threading.RLock()
        self.ledger = Ledger()
        self.faults = Faults()
        self.scheduler = Scheduler()
        self.notifier = Notifier(self.scheduler, self.faults)
        self.psps = {psp.code: psp(self) for psp in PSPS}
        self.sites = {
            code: Site(psp, psp.routes, code, self.faults) for code, psp in self.psps.items()
        }
        mounts = {f"/{code}": site for code, site in self.sites.items()}
        mounts |= {f"/_control/{code}": Site(psp, psp.control) for code, psp in self.psps.items()}
        mounts["/_control"] = Site(self, [control.routes])
        self.app = DispatcherMiddleware(Site(self, [control.landing]), mounts)

    def reset(self, merchants_too: bool = False):
        """Forget money, payments, messages and faults; merchants stay unless told otherwise."""
        with self.lock:
            self.faults.clear()
            self.scheduler.clear()
            self.notifier.clear()
            self.ledger.clear()
            for psp in self.psps.values():
                psp.reset(merchants_too)


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True  # head and body are written apart: do not wait between them

    def log_request(self, code="-", size="-"):
        _log.info('%s "%s" %s', self.address_string(), self.requestline, code)


class Server:
    """A sandbox that listens; use it as a context manager to have it in a thread."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0):
        self.sandbox = sandbox
        self._server = make_server(host, port, sandbox.app, threaded=True, request_handler=_Handler)
        self.url = f"http://{host}:{self._server.server_port}"

    def run(self):
        with suppress(KeyboardInterrupt):
            self._server.serve_forever()
        self.sandbox.scheduler.stop()

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self._server.shutdown()
        self._server.server_close()
        self.sandbox.scheduler.stop()
