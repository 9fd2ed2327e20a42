from . import (
    test_appointment_page,
    test_book_page,
    test_booking,
    test_calendar_changes,
    test_interleavings,
    test_mail,
    test_mishaps,
    test_paid_twice,
    test_private,
    test_query_count,
    test_recurring,
    test_sites,
)
