"""What a PSP documents of a field, as a check of what was posted."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable

Form = Callable[[str], object]

NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"),
        *("::/127", "::ffff:0:0/96", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
]


def matching(pattern: str) -> Form:
    return re.compile(pattern, re.ASCII).fullmatch


def words(longest: int) -> Form:
    return lambda text: 0 < len(text) <= longest and text == text.strip() and is_plain(text)


def email(longest: int) -> Form:
    form = matching(r"[!-?A-~]{1,64}@([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}")
    return lambda text: len(text) <= longest and form(text)


def is_public_ip(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return len(text) <= 39 and not any(address in network for network in NOT_PUBLIC)


def is_plain(text: str) -> bool:
    """Whether it is on one line, and without emoji or half characters."""
    kinds = {unicodedata.category(character) for character in text}
    return not kinds & {"Cc", "Cs", "Cn", "So", "Zl", "Zp"} and all(
        mark < "\U00010000" for mark in text
    )
