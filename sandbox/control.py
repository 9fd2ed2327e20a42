"""The sandbox's own API for tests and demos (/_control), and the page for people (/)."""

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from .cards import CARDS
from .faults import NOTIFICATION_KINDS, SERVICE_KINDS, Fault
from .web import Held, Routes, answer, page

routes = Routes()
landing = Routes()


@landing.get("/")
def show_landing(sandbox, _request):
    return page(
        "landing.html",
        psps=[psp.overview() for psp in sandbox.psps.values()],
        cards=CARDS,
        orders={(o.psp, o.merchant, o.order): o for o in sandbox.ledger.totals()},
        deliveries=sandbox.notifier.log()[:-21:-1],
    )


@routes.get("/health")
def health(sandbox, _request):
    return answer({"status": "ok", "psps": sorted(sandbox.psps)})


@routes.get("/cards")
def list_cards(_sandbox, _request):
    return answer([vars(card) | {"behaviour": card.behaviour.value} for card in CARDS])


@routes.get("/ledger")
def show_ledger(sandbox, request: Request):
    names = {"psp", "merchant", "order"} & request.args.keys()
    return answer(sandbox.ledger.as_json(**{name: request.args[name] for name in names}))


@routes.post("/reset")
def reset(sandbox, request: Request):
    sandbox.reset(merchants_too=bool((request.get_json(silent=True) or {}).get("merchants")))
    return answer({"status": "ok"})


# --- faults


@routes.get("/faults")
def list_faults(sandbox, _request):
    return answer(
        {
            "waiting": sandbox.faults.as_json(),
            "services": {code: site.services for code, site in sandbox.sites.items()},
            "kinds": SERVICE_KINDS,
            "notification_kinds": NOTIFICATION_KINDS,
        }
    )


@routes.post("/faults")
def add_fault(sandbox, request: Request):
    try:
        fault = Fault(**request.get_json())
    except TypeError as error:
        raise BadRequest(str(error)) from error
    if fault.psp not in sandbox.sites:
        raise BadRequest(f"no PSP {fault.psp}")
    services = sandbox.sites[fault.psp].services | {"notification": NOTIFICATION_KINDS}
    if fault.kind not in services.get(fault.service, ()):
        raise BadRequest(f"{fault.psp} knows no {fault.kind} of {fault.service}")
    return answer(vars(sandbox.faults.add(fault)), 201)


@routes.delete("/faults")
def clear_faults(sandbox, _request):
    sandbox.faults.clear()
    return answer({"status": "ok"})


# --- notifications


@routes.get("/notifications")
def list_notifications(sandbox, request: Request):
    """What was sent and what the shop answered, newest last."""
    names = {"psp", "merchant", "order"} & request.args.keys()
    log = sandbox.notifier.log(**{name: request.args[name] for name in names})
    return answer([delivery.as_json() for delivery in log])


@routes.get("/notifications/<int:number>")
def show_notification(sandbox, request: Request, number: int):
    """One message; `?wait=5` waits that long for the shop to acknowledge it."""
    delivery = sandbox.notifier.get(number)
    if not delivery:
        raise NotFound(f"no notification {number}")
    return Held(
        delivery.accepted,
        lambda: answer(delivery.as_json()),
        float(request.args.get("wait", 0)),
    )


@routes.post("/notifications/release")
def release_notifications(sandbox, request: Request):
    """Send the messages a "hold" fault kept; `{"newest_first": true}` turns their order round."""
    options = request.get_json(silent=True) or {}
    released, done = sandbox.notifier.release(bool(options.get("newest_first")))
    return Held(done, lambda: answer([delivery.as_json() for delivery in released]))
