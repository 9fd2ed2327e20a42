from . import (
    payment_provider,
    payment_transaction,
    trpay_installment,
    trpay_notification,
)
