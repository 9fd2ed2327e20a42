"""Faults on demand: what a network, a PSP and a bank do on a bad day."""

import itertools
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from threading import Lock

# Of a service the shop calls. After "_after" the work is done, money included.
SERVICE_KINDS = {
    "timeout_before": "no answer for some seconds, then the connection closes; nothing was done",
    "timeout_after": "the same, but the work was done",
    "reset_before": "the connection closes at once; nothing was done",
    "reset_after": "the connection closes at once; the work was done",
    "http_500": "a server error; nothing was done",
    "http_500_after": "a server error; the work was done",
    "garbage": "an HTML page instead of the answer; nothing was done",
    "garbage_after": "an HTML page instead of the answer; the work was done",
    "slow": "the right answer, some seconds late",
    "wrong_amount": "an answer whose amounts are off by `amount`",
    "refuse": "the PSP's own refusal with the given `code`",
}
# Of a message the PSP sends to the shop.
NOTIFICATION_KINDS = {
    "lost": "not sent this time (the next repetition will be)",
    "hold": "kept until POST /_control/notifications/release",
    "slow": "sent some seconds late",
    "repeat": "sent `count` times at once",
    "wrong_amount": "authentic, but its amount is off by `amount`",
}


@dataclass
class Fault:
    psp: str
    service: str
    kind: str
    times: int = 1
    seconds: float = 30.0
    amount: int = -100
    count: int = 2
    code: str = ""
    match: dict[str, str] = field(default_factory=dict)
    id: int = 0


class Faults:
    """The faults that wait for their turn; each strikes `times` times and is gone."""

    def __init__(self):
        self._lock = Lock()
        self._ids = itertools.count(1)
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            fault.id = next(self._ids)
            self._waiting.append(fault)
            return fault

    def clear(self):
        with self._lock:
            self._waiting.clear()

    def as_json(self) -> list[dict]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def take(
        self,
        psp: str,
        service: str,
        fields: Mapping[str, str],
        kinds: Collection[str] = SERVICE_KINDS,
    ) -> Fault | None:
        """The oldest fault that strikes this message, counted down."""
        with self._lock:
            for fault in self._waiting:
                if (
                    (fault.psp, fault.service) == (psp, service)
                    and fault.kind in kinds
                    and fault.match.items() <= fields.items()
                ):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None
