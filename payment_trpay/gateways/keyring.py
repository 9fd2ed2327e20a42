"""Where gateways keep what a PSP hands out for a while, an access token for example."""

import threading
import time
from collections.abc import Callable


class Keyring:
    """Keeps values in this process. Whoever has several processes brings a shared one."""

    def __init__(self):
        self._lock = threading.RLock()  # What is fetched may need what else is kept.
        self._kept: dict[str, tuple[str, float]] = {}

    def obtain(self, name: str, fetch: Callable[[], str], *, seconds: int, stale: str = "") -> str:
        """The value that is kept, or else a fetched one. Nobody fetches while somebody does.

        :param name: What it is, and whose.
        :param fetch: Gets a new value from the PSP; what it raises is passed on.
        :param seconds: How long a new value may be kept.
        :param stale: A value that the PSP does not take any more.
        """
        with self._lock:
            value, until = self._kept.get(name, ("", 0.0))
            if not value or value == stale or time.monotonic() >= until:
                value = fetch()
                self._kept[name] = value, time.monotonic() + seconds
            return value
