from . import (
    resource_booking,
    resource_booking_mail,
    resource_booking_page,
    resource_booking_type,
    resource_calendar,
)
