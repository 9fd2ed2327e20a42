"""The little web framework below every PSP: routes, faults, templates, answers.

A handler runs under its PSP's lock, so that it may read and change the PSP's state as if it were
alone. What takes time (a fault's delay, the wait for the shop's answer) happens outside the lock.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from .faults import SERVICE_KINDS, Fault, Faults
from .money import to_major, to_minor, to_price

HERE = Path(__file__).parent
_GARBAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
)

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["money"] = to_major
_templates.filters["price"] = to_price


def page(template: str, status: int = 200, **values) -> Response:
    """A page for people. It may be framed by any shop, as a PSP's page may."""
    return Response(
        _templates.get_template(template).render(values),
        status=status,
        content_type="text/html; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def answer(data, status: int = 200) -> Response:
    return Response(
        json.dumps(data, ensure_ascii=False), status=status, content_type="application/json"
    )


def static(name: str, content_type: str) -> Response:
    return Response((HERE / "static" / name).read_bytes(), content_type=content_type)


@dataclass
class Held:
    """An answer that is given only after something else has happened, or after a while."""

    until: threading.Event
    then: Callable[[], Response]
    seconds: float = 10.0


@dataclass(eq=False)
class Route:
    rule: str
    methods: tuple[str, ...]
    handler: Callable
    service: str = ""  # the name faults know it by
    amounts: tuple[str, ...] = ()  # keys of a JSON answer that a "wrong_amount" fault changes
    refusal: Callable[[str], Response] | None = None  # how it says no with a given code

    @property
    def fault_kinds(self) -> set[str]:
        impossible = set() if self.amounts else {"wrong_amount"}
        return SERVICE_KINDS.keys() - impossible - (set() if self.refusal else {"refuse"})


@dataclass
class Routes:
    """A module's routes, collected by decorator."""

    items: list[Route] = field(default_factory=list)

    def get(self, rule: str, **options):
        return self._add(rule, ("GET",), options)

    def post(self, rule: str, **options):
        return self._add(rule, ("POST",), options)

    def patch(self, rule: str, **options):
        return self._add(rule, ("PATCH",), options)

    def delete(self, rule: str, **options):
        return self._add(rule, ("DELETE",), options)

    def _add(self, rule: str, methods: tuple[str, ...], options: dict):
        def register(handler):
            self.items.append(Route(rule, methods, handler, **options))
            return handler

        return register


class Site:
    """A WSGI application made of routes whose handlers get `owner` first."""

    def __init__(
        self, owner, routes: Iterable[Routes], code: str = "", faults: Faults | None = None
    ):
        self.owner = owner
        self.code = code
        self.faults = faults
        self.routes = [route for collection in routes for route in collection.items]
        self._map = Map(
            [Rule(r.rule, methods=r.methods, endpoint=r) for r in self.routes],
            strict_slashes=False,
        )

    @property
    def services(self) -> dict[str, list[str]]:
        """The kinds of fault each service can suffer."""
        kinds: dict[str, set[str]] = {}
        for route in self.routes:
            if route.service:
                kinds.setdefault(route.service, set()).update(route.fault_kinds)
        return {service: sorted(kinds[service]) for service in sorted(kinds)}

    def __call__(self, environ, start_response):
        request = Request(environ)
        try:
            route, values = self._map.bind_to_environ(environ).match()
            response = self._answer(route, request, values)
        except HTTPException as error:
            response = error
        return response(environ, start_response)

    def _answer(self, route: Route, request: Request, values: dict) -> Response:
        fault = None
        if self.faults and route.service:
            fault = self.faults.take(self.code, route.service, _fields(request))
        if not fault:
            return self._handle(route, request, values)
        if fault.kind == "refuse":
            return route.refusal(fault.code)
        if fault.kind == "slow":
            threading.Event().wait(fault.seconds)
        response = None
        if fault.kind in ("slow", "wrong_amount") or fault.kind.endswith("_after"):
            response = self._handle(route, request, values)
        return _spoil(fault, route, request, response)

    def _handle(self, route: Route, request: Request, values: dict) -> Response:
        with self.owner.lock:
            result = route.handler(self.owner, request, **values)
        if isinstance(result, Held):
            result.until.wait(result.seconds)
            with self.owner.lock:
                result = result.then()
        return result


def _fields(request: Request) -> dict:
    """What the request says, whichever way it says it."""
    body = request.get_json(silent=True)
    return request.values.to_dict() | (body if isinstance(body, dict) else {})


def _spoil(fault: Fault, route: Route, request: Request, response: Response | None) -> Response:
    """What the fault makes of an answer; `response` is None when the work was not done."""
    if fault.kind.startswith("timeout"):
        threading.Event().wait(fault.seconds)
        return _hang_up(request)
    if fault.kind.startswith("reset"):
        return _hang_up(request)
    if fault.kind.startswith("http_500"):
        return Response("Internal Server Error", status=500)
    if fault.kind.startswith("garbage"):
        return Response(_GARBAGE, content_type="text/html; charset=utf-8")
    if fault.kind == "wrong_amount":
        data = json.loads(response.get_data())
        for key in route.amounts:
            if key in data:
                data[key] = _shifted(data[key], fault.amount)
        return answer(data)
    return response


def _shifted(text: str | float, amount: int) -> str | float:
    """An amount in major units, off by some minor ones, in the notation it had."""
    if not isinstance(text, str):
        return (round(text * 100) + amount) / 100
    shifted = to_major(to_minor(text.replace(",", ".")) + amount)
    return shifted.replace(".", ",") if "," in text else shifted


def _hang_up(request: Request) -> Response:
    """Close the connection under the client without an answer."""
    connection = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    return Response()
