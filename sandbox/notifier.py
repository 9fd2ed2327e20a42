"""Sends the PSPs' messages to the shop until it acknowledges them, and remembers every answer."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import requests

from .clock import Scheduler, now
from .faults import Faults

_TRANSPORT_KINDS = ("lost", "hold", "slow", "repeat")
_TIMEOUT = 30  # to connect as well: a busy shop takes new connections late, not never
_ANSWER_KEPT = 500


@dataclass
class Attempt:
    """One sending, as a merchant panel's detail page shows it."""

    at: str
    url: str
    status: int | None = None
    answer: str = ""
    note: str = ""
    seconds: float = 0.0


@dataclass
class Delivery:
    """One message on its way to the shop."""

    psp: str
    merchant: str
    order: str
    url: Callable[[], str]  # asked at every attempt: a merchant may mend it in the panel
    body: bytes
    content_type: str
    fields: dict[str, str]
    is_accepted: Callable[[int, bytes], bool]
    retry_seconds: float | None = None  # None: sent once, whatever the answer
    on_accepted: Callable[[], None] = lambda: None
    copies: int = 1  # sent at once, in parallel
    id: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    held: bool = False
    answered: threading.Event = field(default_factory=threading.Event)
    accepted: threading.Event = field(default_factory=threading.Event)

    def as_json(self) -> dict:
        return {
            "id": self.id,
            "psp": self.psp,
            "merchant": self.merchant,
            "order": self.order,
            "fields": self.fields,
            "accepted": self.accepted.is_set(),
            "held": self.held,
            "attempts": [asdict(attempt) for attempt in list(self.attempts)],
        }


class Notifier:
    def __init__(self, scheduler: Scheduler, faults: Faults):
        self._scheduler = scheduler
        self._faults = faults
        self._ids = itertools.count(1)
        self._log: dict[int, Delivery] = {}

    def clear(self):
        self._log = {}

    def log(self, **criteria: str) -> list[Delivery]:
        return [
            delivery
            for delivery in list(self._log.values())
            if all(getattr(delivery, name) == value for name, value in criteria.items())
        ]

    def get(self, delivery_id: int) -> Delivery | None:
        return self._log.get(delivery_id)

    def send(self, delivery: Delivery, delay: float = 0) -> Delivery:
        """Start sending in the background; `answered` and `accepted` tell how it goes."""
        delivery.id = next(self._ids)
        self._log[delivery.id] = delivery
        self._scheduler.after(delay, lambda: self._attempt(delivery))
        return delivery

    def release(self, newest_first: bool) -> tuple[list[Delivery], threading.Event]:
        """Send what a fault held back, one after the other; the event tells when that is done."""
        held = [delivery for delivery in self.log() if delivery.held]
        held.sort(key=lambda delivery: delivery.id, reverse=newest_first)
        done = threading.Event()

        def send_all():
            for delivery in held:
                delivery.held = False
                self._attempt(delivery)
            done.set()

        self._scheduler.after(0, send_all)
        return held, done

    def _attempt(self, delivery: Delivery):
        if delivery.accepted.is_set() or delivery.id not in self._log:
            return
        fault = self._faults.take(delivery.psp, "notification", delivery.fields, _TRANSPORT_KINDS)
        kind = fault and fault.kind
        if kind == "hold":
            delivery.held = True
            delivery.answered.set()
            return
        if kind == "lost":
            delivery.attempts.append(Attempt(now().isoformat(), delivery.url(), note="lost"))
            delivery.answered.set()
            self._retry_later(delivery)
            return
        if kind == "slow":
            time.sleep(fault.seconds)
        copies = fault.count if kind == "repeat" else delivery.copies
        twins = [threading.Thread(target=self._post, args=(delivery,)) for _ in range(copies)]
        for twin in twins:
            twin.start()
        for twin in twins:
            twin.join()
        delivery.answered.set()
        if not delivery.accepted.is_set():
            self._retry_later(delivery)

    def _post(self, delivery: Delivery):
        attempt = Attempt(now().isoformat(), delivery.url())
        started = time.monotonic()
        accepted = False
        try:
            with requests.Session() as session:
                session.trust_env = False  # the shop is local: no proxy, no .netrc
                response = session.post(
                    attempt.url,
                    data=delivery.body,
                    headers={"Content-Type": delivery.content_type},
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                )
            attempt.status = response.status_code
            attempt.answer = response.content[:_ANSWER_KEPT].decode("utf-8", "backslashreplace")
            accepted = delivery.is_accepted(response.status_code, response.content)
        except requests.RequestException as error:
            attempt.note = f"{type(error).__name__}: {error}"
        attempt.seconds = round(time.monotonic() - started, 3)
        delivery.attempts.append(attempt)
        if accepted:
            delivery.on_accepted()
            delivery.accepted.set()

    def _retry_later(self, delivery: Delivery):
        if delivery.retry_seconds is not None:
            self._scheduler.after(delivery.retry_seconds, lambda: self._attempt(delivery))
