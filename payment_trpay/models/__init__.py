from . import (
    deposit_mixin,
    deposit_policy,
    ir_cron,
    payment_deposit,
    payment_inquiry,
    payment_provider,
    payment_refund,
    payment_settlement,
    payment_transaction,
    trpay_installment,
    trpay_notification,
)
