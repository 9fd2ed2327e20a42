"""What the server's own log says of requests to our pages.

A browser may bring back anything in an address: a card that somebody typed into the wrong form,
or a proof of the PSP's. None of it helps to find an error.
"""

import logging
import re

from ..gateways import GATEWAYS
from ..gateways.transport import mask_card_numbers

_OURS = re.compile(rf"(/payment/(?:{'|'.join(GATEWAYS)})/[^?]*)(\?.*(?= HTTP/))?")


class WithoutQueries(logging.Filter):
    """Leaves out what stands behind the question mark of our addresses."""

    def filter(self, record):
        """Override of `logging` to change the line, and let it through."""
        if isinstance(record.args, tuple):
            record.args = tuple(map(_shorten, record.args))
        return True


def _shorten(word):
    if not isinstance(word, str) or not _OURS.search(word):
        return word
    return mask_card_numbers(_OURS.sub(lambda match: match[1] + ("?[…]" if match[2] else ""), word))


logging.getLogger("werkzeug").addFilter(WithoutQueries())
