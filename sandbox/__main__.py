"""python -m sandbox: the sandbox as a program."""

import argparse
import logging

from .server import Sandbox, Server

_logger = logging.getLogger(__name__)

# Invented credentials; the notification URLs are where a shop on this machine would listen.
_DEMO_MERCHANTS = [
    "paytr:123456:TESTKEYabcdef123:TESTSALTghijk456:http://127.0.0.1:8069/payment/paytr/notify",
    "platformode:0badc0de0badc0de0badc0de0badc0de:5ecre75ecre75ecre75ecre75ecre750"
    ":$2y$10$SandboxMerchantKey/Only.ForTheDemo0123456789abcdefghi:98765"
    ":http://127.0.0.1:8069/payment/platformode/notify",
]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8070)
    parser.add_argument(
        "--notify-retry-seconds",
        type=float,
        default=60,
        help="how long a PSP waits before it repeats a message that was not acknowledged",
    )
    parser.add_argument(
        "--merchant",
        action="append",
        metavar="PSP:CREDENTIALS:NOTIFY_URL",
        help="repeatable, e.g. paytr:ID:KEY:SALT:https://shop/payment/paytr/notify or"
        " platformode:APP_ID:APP_SECRET:MERCHANT_KEY:ID:https://shop/payment/platformode/notify;"
        " without it demo merchants with invented keys",
    )
    parser.add_argument("--quiet", action="store_true", help="log warnings only")
    return parser.parse_args()


def main():
    arguments = _arguments()
    logging.basicConfig(
        level=logging.WARNING if arguments.quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    sandbox = Sandbox(arguments.notify_retry_seconds)
    for merchant in arguments.merchant or _DEMO_MERCHANTS:
        code, _, settings = merchant.partition(":")
        sandbox.psps[code].add_merchant_from_text(settings)
    server = Server(sandbox, arguments.host, arguments.port)
    _logger.info("sandbox listens on %s", server.url)
    server.run()


if __name__ == "__main__":
    main()
