"""What can be told from a card's number alone."""

SHORTEST, LONGEST = 13, 19  # Digits, by ISO/IEC 7812.


def is_card_number(digits: str) -> bool:
    """Whether it has the length of a card number, and the check digit by Luhn fits."""
    return (
        digits.isascii()
        and digits.isdigit()
        and SHORTEST <= len(digits) <= LONGEST
        and luhn_fits(digits)
    )


def masked(digits: str) -> str:
    """What may be remembered of it; six stars, however long it is."""
    return f"{digits[:6]}******{digits[-4:]}"


def luhn_fits(digits: str) -> bool:
    total = sum(map(int, digits[-1::-2]))
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0
