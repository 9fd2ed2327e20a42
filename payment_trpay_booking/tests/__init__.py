from . import (
    test_booking,
    test_interleavings,
    test_mail,
)
