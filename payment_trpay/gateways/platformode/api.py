"""How Platformode's services are called: the access token, JSON, and what HTTP statuses mean."""

import json
import re
from collections.abc import Callable, Mapping

from ..base import Gateway, Money, Reason, Refused
from ..notation import listed
from ..transport import NoAnswer, Reply
from .answers import SUCCESS, code_of, refusal, text_of, verdict
from .hash import seal

TOKEN_PATH = "/api/token"
TOKEN_SECONDS = 110 * 60  # Of two hours: it must not end while it is used.
MOST_INSTALLMENTS = 12
LIRA = "TRY"
CURRENCIES = (LIRA, "USD", "EUR")  # "7.18. All Transaction API" knows no other.
# What `is_3d` means ("3. Get Token"); the vendor's plugins know 8, too.
FLOWS = {
    "0": ("card_2d",),
    "1": ("card_3d", "card_2d"),
    "2": ("card_3d",),
    "4": ("page",),
    "8": ("page",),
}


class Api(Gateway):
    """What all services of Platformode share."""

    @property
    def _key(self) -> str:
        return self._secrets["merchant_key"]

    def _seal(self, *fields: str) -> str:
        return seal(self._secrets["app_secret"], *fields)

    # === ACCESS ("3. Get Token") === #

    def _flows(self) -> tuple[str, ...]:
        """The flows that the merchant's agreement has; none if the token does not tell."""
        return flows_of(self._access())

    def _access(self, stale: str = "") -> str:
        """The token, and what it says the merchant may do, as JSON."""
        return self._keep_access(self._fetch_access, stale)

    def _renewed_access(self) -> str:
        """The same, even if there is one already: the merchant may do other things by now."""
        fresh = self._fetch_access()
        self._keep_access(lambda: fresh, stale=self._keep_access(lambda: fresh))
        return fresh

    def _keep_access(self, fetch: Callable[[], str], stale: str = "") -> str:
        return self._keep("token", fetch, seconds=TOKEN_SECONDS, stale=stale)

    def _keep(self, what: str, fetch: Callable[[], str], *, seconds: int, stale: str = "") -> str:
        """What the keyring has for this merchant, or else what is fetched."""
        name = ":".join((self.code, what, self._base_url, *self._secrets.values()))
        return self._keyring.obtain(name, fetch, seconds=seconds, stale=stale)

    def _fetch_access(self) -> str:
        reply = self._client.post(
            self._base_url + TOKEN_PATH,
            json={name: self._secrets[name] for name in ("app_id", "app_secret")},
            headers={"Accept": "application/json"},
            scrub=self.scrub,
            label="platformode token",
        )
        answer = self._answer(reply)
        if code_of(answer) != SUCCESS:
            raise refusal(answer)
        data = next(iter(listed(answer.get("data")) or ()), answer.get("data"))
        data = data if isinstance(data, dict) else {}
        token = str(data.get("token", ""))
        if not re.fullmatch(r"[\w.~+/=-]{8,4096}", token, re.ASCII):
            raise NoAnswer("no token in the answer")
        return json.dumps({"token": token, "is_3d": str(data.get("is_3d", ""))})

    # === SENDING === #

    def _call(
        self,
        path: str,
        label: str,
        body: Mapping,
        access: str = "",
        *,
        missing: Mapping | None = None,
    ) -> dict:
        """Call a service and return what it answered, be it yes or no.

        :param missing: The answer to a question about what is not found (HTTP 404).
        """
        reply = self._exchange("POST", path, label, access, json=body)
        return self._answer(reply, missing=missing)

    def _exchange(self, method: str, path: str, label: str, access: str = "", **content) -> Reply:
        """Call a service. Who is told that the token is no longer good gets a new one, once."""
        access = access or self._access()
        reply = self._send(method, path, label, access, **content)
        if reply.status == 401:
            reply = self._send(method, path, label, self._access(stale=access), **content)
        return reply

    def _send(self, method: str, path: str, label: str, access: str, **content) -> Reply:
        token = json.loads(access)["token"]
        return self._client.send(
            method,
            self._base_url + path,
            headers={"Accept": "application/json", "Authorization": f"Bearer {token}"},
            scrub=self.scrub,
            label=f"platformode {label}",
            **content,
        )

    def _answer(self, reply: Reply, *, missing: Mapping | None = None) -> dict:
        """Override to know who is not let in ("8. Server Durum Kodları")."""
        if reply.status == 401:
            raise Refused(text_of(reply.json()), reason=Reason.WRONG_APP, code="401")
        return super()._answer(reply, missing=missing)

    def _verdict(self, answer: Mapping) -> bool | None:
        return verdict(answer)

    def _words(self, answer: Mapping) -> str:
        return text_of(answer)


def flows_of(access: str) -> tuple[str, ...]:
    return FLOWS.get(json.loads(access)["is_3d"], ())


def as_text(money: Money) -> str:
    """An amount in major units, as it is sent and as it is sealed."""
    return f"{money.major:.2f}"
