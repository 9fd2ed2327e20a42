from . import (
    test_booking,
    test_mail,
)
