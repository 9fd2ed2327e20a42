"""What must not hold up money if it fails."""

import logging
from contextlib import contextmanager

import psycopg2

_logger = logging.getLogger(__name__)


@contextmanager
def attempt(env, what):
    """Undo and log what fails within, and go on.

    What the caller had not written yet is written first, and fails as the caller's own error.

    :param str what: For the log.
    :raise psycopg2.OperationalError: Somebody else was quicker, and all has to start over.
    """
    savepoint = env.cr.savepoint()
    try:
        with savepoint:
            yield
    except psycopg2.OperationalError:
        raise
    except Exception:
        _logger.exception("Failed, and left out: %s", what)
