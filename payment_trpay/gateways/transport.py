"""How gateways reach the network: one kept-alive HTTPS client that tells "no" from "no answer"."""

import json
import logging
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    SSLError,
)

from .card_number import LONGEST, SHORTEST, luhn_fits

_logger = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 5, 20
DEADLINE_SECONDS = 30  # For the whole answer: a PSP that drips bytes is no answer either.
LONGEST_ANSWER = 1 << 20  # Bytes; what PSPs answer is a thousandth of it.
LONGEST_LOGGED = 2000

_DIGITS = re.compile(r"[0-9](?:[ .-]{0,2}[0-9]){12,}")


class TransportError(Exception):
    """The call brought no usable answer."""

    def __init__(self, text: str = ""):
        super().__init__(mask_card_numbers(text))  # It may quote what came.


class Unreachable(TransportError):
    """The request surely did not arrive: there was no connection."""


class NoAnswer(TransportError):
    """The request may have arrived, but no answer came that could be understood.

    :param reason: Why, if that is known: a `Reason` of the gateways.
    """

    def __init__(self, text: str, *, reason: object = None):
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """What the PSP answered."""

    status: int
    text: str

    def json(self) -> dict:
        """The answer as a JSON object, before which some servers write a byte order mark.

        :raise NoAnswer: If it is none: garbage says nothing of what happened.
        """
        try:
            value = json.loads(self.text.lstrip("\ufeff \t\r\n"))
        except (ValueError, RecursionError) as error:
            raise NoAnswer(f"HTTP {self.status} with a body that is no JSON") from error
        if not isinstance(value, dict):
            raise NoAnswer(f"HTTP {self.status} with a body that is no JSON object")
        return value


class _Adapter(requests.adapters.HTTPAdapter):
    """Connections that never wait for ever, whoever uses them."""

    def send(self, request, **kwargs):
        return super().send(request, **kwargs | {"timeout": (CONNECT_SECONDS, READ_SECONDS)})


class Client:
    """Sends requests with verified TLS, limits on time and size, no cookies and no redirects."""

    _session: requests.Session | None = None

    @classmethod
    def session(cls) -> requests.Session:
        """The process's only session: its connections stay open between payments."""
        if Client._session is None:
            session = requests.Session()
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.mount("https://", _Adapter())
            session.mount("http://", _Adapter())  # A sandbox on this machine.
            session.headers["User-Agent"] = "payment_trpay"
            Client._session = session
        return Client._session

    def post(self, url: str, **how) -> Reply:
        """Post a form or JSON: see `send`."""
        return self.send("POST", url, **how)

    def send(
        self,
        method: str,
        url: str,
        *,
        scrub: Callable[[str], str],
        label: str,
        repeatable: bool = False,
        **content,
    ) -> Reply:
        """Send a request and return the answer, whatever its content.

        :param method: GET or POST.
        :param scrub: Makes a text fit for the log.
        :param label: What the call is about, for the log, e.g. `paytr refund S00042x7f3a`.
        :param repeatable: Whether asking twice is harmless: then one more try is made.
        :param content: `query`, `form` or `json`, and perhaps `headers`, each a mapping.
        :raise Unreachable: If there was no connection.
        :raise NoAnswer: If there was one but no proper answer: timeout, redirect, HTTP 5xx.
        """
        try:
            return self._send(method, url, scrub, label, **content)
        except TransportError:
            if not repeatable:
                raise
        return self._send(method, url, scrub, label, **content)

    def _send(
        self, method, url, scrub, label, query=None, form=None, json=None, headers=None
    ) -> Reply:
        started = time.monotonic()
        try:
            with self.session().request(
                method,
                url,
                params=query,
                data=form,
                json=json,
                headers=headers,
                allow_redirects=False,
                stream=True,
            ) as response:
                reply = Reply(response.status_code, self._read(response, started))
        except (requests.RequestException, HTTPError) as error:
            failure = Unreachable if _never_connected(error) else NoAnswer
            _logger.warning(
                "%s: %s after %.1f s",
                label,
                failure.__name__,
                time.monotonic() - started,
            )
            raise failure(type(error).__name__) from None  # Its text may hold the request.
        _logger.info(
            "%s: HTTP %s in %d ms: %s",
            label,
            reply.status,
            1000 * (time.monotonic() - started),
            scrub(reply.text[: 4 * LONGEST_LOGGED])[:LONGEST_LOGGED],
        )
        if 300 <= reply.status < 400 or reply.status >= 500:
            raise NoAnswer(f"HTTP {reply.status}")
        return reply

    @staticmethod
    def _read(response: requests.Response, started: float) -> str:
        """The body, in pieces as they arrive: a drip must not outwait the deadline."""
        body = bytearray()
        while piece := response.raw.read1(1 << 16, decode_content=True):
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise HTTPError("answer too long")
            if time.monotonic() - started > DEADLINE_SECONDS:
                raise HTTPError("answer too slow")
        return body.decode("utf-8", "replace")


def _never_connected(error: Exception) -> bool:
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, SSLError):  # A later breach of TLS may follow the request.
        return isinstance(cause.args[0], ssl.SSLCertVerificationError)
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)


def mask_card_numbers(text: str) -> str:
    """Leave the first six and last four digits of whatever could be a card number."""
    return _DIGITS.sub(_masked, text)


def _masked(match: re.Match) -> str:
    """Mask each card number in a run of digits, which may have others before and after it."""
    text = list(match.group())
    places = [place for place, character in enumerate(text) if character.isdigit()]
    digits = "".join(text[place] for place in places)
    for length in range(LONGEST, SHORTEST - 1, -1):
        for start in range(len(digits) - length + 1):
            if luhn_fits(digits[start : start + length]):
                for place in places[start + 6 : start + length - 4]:
                    text[place] = "*"
    return "".join(text)
