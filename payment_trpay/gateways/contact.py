"""Cleans names, e-mail addresses, phone numbers and IP addresses for the PSPs.

What cannot be sent as it is meant becomes an empty text, and never something near it: an address
without its foreign letters is a stranger's mailbox. Lengths and forms are the PSP's, so the gateway
gives them, and decides what it sends instead.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from itertools import dropwhile

import idna
import phonenumbers

LONGEST_TEXT = 500
LONGEST_EMAIL = 254  # RFC 5321, as are the limits of its parts.
_LONGEST_LOCAL_PART, _LONGEST_HOST = 64, 253
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_HOST = re.compile(r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]")  # A number at its end is no domain.

HOME = "TR"
_LONGEST_PHONES = 200
_PREFIX = r"(?:[+＋]|(?<!\d)00)"  # Before the number of a country.
_WITHIN_A_NUMBER = re.compile(_PREFIX + r"[\d\s()./-]*$")
_TURKISH_I = re.compile("[İı]|i\u0307")

# Networks for examples: who tests a shop has no public address of its own.
_DOCUMENTATION = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]

# Control and format characters, half and unknown ones, those of private use, symbols.
_UNSENDABLE = {"Cc", "Cf", "Cs", "Cn", "Co", "So"}
# Letters that show nothing, and what makes an emoji of a letter or a digit.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u20e3\u3164\ufe00-\ufe0f\uffa0]")


def text(typed: str, longest: int = LONGEST_TEXT) -> str:
    """A name or any other words, on one line.

    Many PSPs take no control characters, tags, emoji or other symbols, nor characters of more than
    16 bits. Letters in disguise become plain ones (𝓐, №).

    :param longest: Characters; no letter is parted from its accents.
    :return: Empty if nothing is left.
    """
    composed = unicodedata.normalize("NFC", typed)
    plain = unicodedata.normalize("NFC", "".join(map(_plain, composed)))
    plain = "".join(dropwhile(_is_mark, " ".join(plain.split()))).lstrip()
    end = longest
    while 0 < end < len(plain) and _is_mark(plain[end]):
        end -= 1
    return plain[:end].rstrip()


def _plain(character: str) -> str:
    if character.isspace() or character in "<>" or unicodedata.category(character) == "Cc":
        return " "
    if character > "\uffff" or unicodedata.category(character) == "So":
        character = unicodedata.normalize("NFKC", character)
    return "".join(part for part in character if _is_sendable(part))


def _is_sendable(character: str) -> bool:
    category = unicodedata.category(character)
    return character <= "\uffff" and category not in _UNSENDABLE and not _UNSEEN.match(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def split_name(name: str, longest: int) -> tuple[str, str]:
    """First names and surname; who has only one name has it twice.

    :param name: Fit to be sent.
    :param longest: Characters of each.
    """
    *first, last = name.split() or [""]
    return text(" ".join(first) or last, longest), text(last, longest)


def email(typed: str, longest: int = LONGEST_EMAIL) -> str:
    """An e-mail address in ASCII, its domain in punycode.

    :return: Empty if it is none, is too long, or has other letters before the @.
    """
    local, _at, domain = typed.strip().rpartition("@")
    if len(local) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local):
        return ""
    if len(domain) > _LONGEST_HOST or _is_misspelt(domain):
        return ""
    try:
        host = idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return ""
    address = f"{local}@{host}"
    return address if _HOST.fullmatch(host) and len(address) <= longest else ""


def _is_misspelt(domain: str) -> bool:
    """Whether it is foreign by a Turkish i only, as keyboards write it: gmaıl.com, GMAİL.COM."""
    return bool(_TURKISH_I.search(domain)) and _TURKISH_I.sub("", domain).isascii()


def phone(typed: str, country: str = "", *, national: bool = False) -> str:
    """The first phone number in a text, in ASCII digits, without an extension.

    :param country: ISO 3166-1 alpha-2: where a number without a country's prefix is of.
    :param national: Whether a Turkish number is wanted as it is dialled at home (0532…), and not,
        as any other one, with a plus and its country's prefix (E.164).
    :return: Empty if there is no valid number.
    """
    typed = typed[:_LONGEST_PHONES]
    for match in phonenumbers.PhoneNumberMatcher(typed, country or HOME):
        if _WITHIN_A_NUMBER.search(typed[: match.start]):
            continue  # The tail of an invalid foreign number could be a valid Turkish one.
        if country not in ("", HOME) and _is_number_at_home(match.raw_string):
            continue  # Nobody knows whether it was typed as it is dialled here or there.
        number = phonenumbers.PhoneNumber()
        number.merge_from(match.number)
        number.extension = None
        form = phonenumbers.PhoneNumberFormat
        if national and number.country_code == phonenumbers.country_code_for_region(HOME):
            return re.sub(r"\D", "", phonenumbers.format_number(number, form.NATIONAL))
        return phonenumbers.format_number(number, form.E164)
    return ""


def _is_number_at_home(typed: str) -> bool:
    """Whether a number without a country's prefix is one in Türkiye, too."""
    if re.match(_PREFIX, typed):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(typed, HOME))
    except phonenumbers.NumberParseException:
        return False


def public_ip(seen: str) -> str:
    """A customer's address in the internet, IPv4 as such even where it came as IPv6.

    :param seen: What the web server saw. Of several, nobody knows which one is true.
    :return: Empty if it is none, or one that many networks have.
    """
    try:
        address = ipaddress.ip_address(seen.strip())
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    is_public = address.is_global and not address.is_multicast and "%" not in str(address)
    return str(address) if is_public or any(address in net for net in _DOCUMENTATION) else ""


def reason_of_named_field(said: str, fields: Mapping[str, str]) -> str | None:
    """Which field a refusal names, as a reason.

    A name of one plain word counts only where it cannot be a mere word: "The name field …",
    "…: email".

    :param said: The PSP's words.
    :param fields: Reasons, by the PSP's names of the fields. Some PSPs write them with spaces.
    """
    plain = said.lower().replace("_", " ")
    for name in sorted(fields, key=len, reverse=True):
        word = re.escape(name.replace("_", " "))
        anywhere = rf"(?<![\w.]){word}(?!\w)"
        as_a_field = rf"\bthe {word} (?:field|must)\b|: *{word}$"
        if re.search(anywhere if "_" in name else as_a_field, plain.strip(" .")):
            return fields[name]
    return None
