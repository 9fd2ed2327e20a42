"""Pages whose address is a key: whoever learns it can pay, move or cancel."""

import functools

from odoo.http import request

HEADERS = {
    # No other site reads the address; our own do: the way back to where a customer chose to pay.
    "Referrer-Policy": "same-origin",
    # What they show changes from minute to minute, and is nobody else's.
    "Cache-Control": "no-store",
    # Nobody is lured into pressing their buttons. A PSP comes back inside our own frame.
    "Content-Security-Policy": "frame-ancestors 'self'",
}


def private(endpoint):
    """Have whatever a route answers, redirects and errors too, say so to the browser.

    It stands below `route`.
    """

    @functools.wraps(endpoint)
    def answer(*args, **kwargs):
        for name, value in HEADERS.items():
            request.future_response.headers.set(name, value)
        return endpoint(*args, **kwargs)

    return answer
