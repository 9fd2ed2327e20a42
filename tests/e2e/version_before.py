"""What version 19.0.1.2.0 stored: written down once, and never changed with the code."""

VERSIONS = {
    "payment_trpay": "19.0.1.2.0",
    "payment_trpay_booking": "19.0.1.0.0",
    "payment_trpay_sale": "19.0.1.0.0",
}

# Of each table the columns of our addons; what every table has is not named.
COLUMNS = {
    "deposit_policy": """
        active amount balance_hours company_id deposit_type hold_minutes late_money maximum
        may_pay_in_full minimum name no_show_percent pending_hours percent rounding sequence
    """,
    "deposit_policy_tier": """
        hours percent policy_id
    """,
    "payment_provider": """
        code paytr_merchant_id paytr_merchant_key paytr_merchant_salt platformode_app_id
        platformode_app_secret platformode_merchant_key platformode_recurring_hook
        platformode_refund_hook platformode_sale_hook platformode_vpos_type transfer_hours
        transfer_reminder_hours trpay_asks_again trpay_connection trpay_connection_message
        trpay_flow trpay_max_installments trpay_minutes trpay_page trpay_responsible_id
    """,
    "payment_token": """
        trpay_card_number trpay_customer trpay_deletion trpay_expires trpay_is_live
        trpay_last_inquiry trpay_next_inquiry
    """,
    "payment_transaction": """
        deposit_purpose deposit_res_id deposit_res_model refund_by_hand transfer_alerted
        transfer_deadline transfer_reminded trpay_activity_id trpay_back_route trpay_card_number
        trpay_fee trpay_hold_end trpay_installments trpay_last_inquiry trpay_new_token
        trpay_next_inquiry trpay_page_url trpay_provider_message trpay_recurring_id
        trpay_recurring_number trpay_refs trpay_resizer_url trpay_review_reason trpay_sent
        trpay_settles_on trpay_surcharge
    """,
    "resource_booking": """
        deposit_agreed_begin deposit_amount deposit_company_id deposit_customer_id
        deposit_deadline deposit_held_since deposit_paid deposit_policy_id deposit_price
        deposit_refund_cap deposit_refund_due deposit_reminder deposit_slot deposit_stage
        deposit_state deposit_terms
    """,
    "resource_booking_type": """
        deposit_policy_id is_published price public_description sequence
    """,
    "trpay_access": """
        expires name value
    """,
    "trpay_installment": """
        card_family fee installments total
    """,
    "trpay_notification": """
        error key payload provider_id state transaction_id
    """,
    "trpay_recurring": """
        access_token amount code company_id currency_id every invoice_numbers name next_on
        partner_id payments provider_id res_id res_model state trpay_last_inquiry
        trpay_next_inquiry unit warning
    """,
}
