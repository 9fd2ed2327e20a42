"""Turkish time, and jobs that run later."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

TURKEY = timezone(timedelta(hours=3))


def now() -> datetime:
    return datetime.now(TURKEY)


def moment(text: str) -> datetime | None:
    """Read "2026-06-01 23:59:59"."""
    return _read(text, "%Y-%m-%d %H:%M:%S")


def day(text: str) -> datetime | None:
    """Read "2026-06-01"."""
    return _read(text, "%Y-%m-%d")


def _read(text: str, notation: str) -> datetime | None:
    try:
        return datetime.strptime(text, notation).replace(tzinfo=TURKEY)
    except ValueError:
        return None


class Scheduler:
    """Runs jobs after a delay.

    One thread keeps the appointments, however many there are; every job gets a thread of its own
    when its time has come, because a job may wait for a slow shop.
    """

    def __init__(self):
        self._changed = threading.Condition()
        self._stopped = False
        self.clear()
        threading.Thread(target=self._run, name="sandbox-scheduler", daemon=True).start()

    def clear(self):
        with self._changed:
            self._jobs: list[tuple[float, int, Callable[[], None]]] = []
            self._order = itertools.count()

    def after(self, seconds: float, job: Callable[[], None]):
        with self._changed:
            heapq.heappush(self._jobs, (time.monotonic() + seconds, next(self._order), job))
            self._changed.notify()

    def stop(self):
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _run(self):
        with self._changed:
            while not self._stopped:
                if self._jobs and (wait := self._jobs[0][0] - time.monotonic()) <= 0:
                    job = heapq.heappop(self._jobs)[2]
                    threading.Thread(target=job, name="sandbox-job", daemon=True).start()
                else:
                    self._changed.wait(wait if self._jobs else None)
