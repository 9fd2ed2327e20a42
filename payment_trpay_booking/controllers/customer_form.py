"""What customers say about themselves, and what is wrong with it."""

from odoo.tools import email_domain_extract

LONGEST = {"name": 100, "phone": 32, "email": 254}
FEWEST_DIGITS = 7
BAIT = "o_book_more"  # A field that people do not see, but programs fill in.


def missing_fields(user):
    """What we do not know about a visitor yet; everything about a stranger."""
    known = user.env["res.partner"] if user._is_public() else user.partner_id
    return [name for name in LONGEST if not known[name]]


def read_text(params, name):
    """A line of text: files, control characters and spaces around it are not part of one."""
    value = params.get(name)
    text = value if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def read_form(env, params, asked):
    """Read what was typed.

    :param list asked: The fields of the form.
    :return: The values as they were typed, and a sentence for each that is wrong.
    :rtype: tuple[dict, dict]
    """
    typed = {name: read_text(params, name) for name in asked}
    errors = {}
    for name, text in typed.items():
        if sentence := _find_fault(env, name, text):
            errors[name] = sentence
    if not read_text(params, "agree"):
        errors["agree"] = env._("Please agree to the terms to go on.")
    return typed, errors


def is_program(params):
    return bool(params.get(BAIT))


def _has_domain(email):
    """Whether it is one address, of the Internet: Odoo takes john@x, a host next door, too."""
    return "." in (email_domain_extract(email) or "").strip(".")


def _find_fault(env, name, text):
    if len(text) > LONGEST[name]:
        return env._("This is too long.")
    match name:
        case "name" if len(text) < 2:
            return env._("Please write your name.")
        case "phone" if sum(letter.isdecimal() for letter in text) < FEWEST_DIGITS:
            return env._("Please write a phone number at which we can reach you.")
        case "email" if " " in text or not _has_domain(text):
            return env._("Please write a valid e-mail address.")
    return None
