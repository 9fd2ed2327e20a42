-- forget the credentials, and ask no PSP for anything: a copy must not send the original's refunds
UPDATE payment_provider
   SET paytr_merchant_id = NULL,
       paytr_merchant_key = NULL,
       paytr_merchant_salt = NULL,
       platformode_app_id = NULL,
       platformode_app_secret = NULL,
       platformode_merchant_key = NULL;
DELETE FROM trpay_access;
UPDATE payment_transaction
   SET trpay_next_inquiry = NULL,
       trpay_next_comparison = NULL;
-- the cards are the original's: nothing here may delete or charge them
UPDATE payment_token
   SET active = false,
       trpay_deletion = 'done'
 WHERE provider_id IN (SELECT id FROM payment_provider WHERE code IN ('paytr', 'platformode'));
UPDATE trpay_recurring
   SET trpay_next_inquiry = NULL;
