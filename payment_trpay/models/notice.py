"""A notice beside the form on which somebody pressed a button."""


def tell(message, kind="info", **params):
    """Show a message, and read the form anew.

    :param str message: What came of it.
    :param str kind: `info`, `success` or `danger`.
    :param params: What else the client action `display_notification` takes, like a title.
    :rtype: dict
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "message": message,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            **params,
        },
    }
