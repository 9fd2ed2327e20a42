"""How gateways reach the network: one kept-alive HTTPS client that tells "no" from "no answer"."""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    SSLError,
)

_logger = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 5, 20
DEADLINE_SECONDS = 30  # For the whole answer: a PSP that drips bytes is no answer either.
LONGEST_ANSWER = 1 << 20  # Bytes; what PSPs answer is a thousandth of it.
LONGEST_LOGGED = 2000

_CARD_NUMBER = re.compile(r"(?<!\d)(\d[ -]?){12,18}\d(?!\d)")


class TransportError(Exception):
    """The call brought no usable answer."""


class Unreachable(TransportError):
    """The request surely did not arrive: there was no connection."""


class NoAnswer(TransportError):
    """The request may have arrived, but no answer came that could be understood."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the PSP answered."""

    status: int
    text: str

    def json(self) -> dict:
        """The answer as a JSON object.

        :raise NoAnswer: If it is none: garbage says nothing of what happened.
        """
        try:
            value = json.loads(self.text)
        except ValueError as error:
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

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str],
        scrub: Callable[[str], str],
        label: str,
        repeatable: bool = False,
    ) -> Reply:
        """Post a form and return the answer, whatever its content.

        :param scrub: Makes a text fit for the log.
        :param label: What the call is about, for the log, e.g. `paytr refund S00042x7f3a`.
        :param repeatable: Whether asking twice is harmless: then one more try is made.
        :raise Unreachable: If there was no connection.
        :raise NoAnswer: If there was one but no proper answer: timeout, redirect, HTTP 5xx.
        """
        try:
            return self._post(url, form, scrub, label)
        except TransportError:
            if not repeatable:
                raise
        return self._post(url, form, scrub, label)

    def _post(self, url, form, scrub, label) -> Reply:
        started = time.monotonic()
        try:
            with self.session().post(
                url,
                data=form,
                allow_redirects=False,
                stream=True,
            ) as response:
                reply = Reply(response.status_code, self._read(response, started))
        except requests.RequestException as error:
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
            scrub(reply.text[:LONGEST_LOGGED]),
        )
        if 300 <= reply.status < 400 or reply.status >= 500:
            raise NoAnswer(f"HTTP {reply.status}")
        return reply

    @staticmethod
    def _read(response: requests.Response, started: float) -> str:
        body = bytearray()
        for chunk in response.iter_content(1 << 14):
            body += chunk
            if len(body) > LONGEST_ANSWER:
                raise requests.exceptions.ContentDecodingError("answer too long")
            if time.monotonic() - started > DEADLINE_SECONDS:
                raise requests.exceptions.ReadTimeout("answer too slow")
        return body.decode("utf-8", "replace")


def _never_connected(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    return isinstance(cause, NewConnectionError | ConnectTimeoutError | SSLError)


def mask_card_numbers(text: str) -> str:
    """Leave the first six and last four digits of whatever could be a card number."""
    return _CARD_NUMBER.sub(_masked, text)


def _masked(match: re.Match) -> str:
    digits = re.sub(r"\D", "", match.group())
    if not _luhn_fits(digits):
        return match.group()
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def _luhn_fits(digits: str) -> bool:
    total = sum(map(int, digits[-1::-2]))
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0
