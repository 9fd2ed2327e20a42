from . import (
    test_access,
    test_cron,
    test_notify,
    test_pay,
    test_platformode,
    test_provider,
    test_query_count,
    test_reconcile,
    test_reference,
    test_refund,
    test_settlement,
    test_transfer,
)
