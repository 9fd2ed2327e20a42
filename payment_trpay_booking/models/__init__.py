from . import (
    calendar_event,
    res_partner,
    resource_booking,
    resource_booking_mail,
    resource_booking_page,
    resource_booking_type,
    resource_calendar,
)
