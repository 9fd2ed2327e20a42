from . import (
    appointment,
    book,
    portal,
)
