"""Makes the payments that the benchmark's notifications are about. Runs in Odoo's shell.

Writes one line of JSON for each: who notifies, where, and the signed form.
"""

import base64
import hashlib
import hmac
import json
import os
from urllib.parse import urlencode

AMOUNT = 49.00
MINOR_UNITS = 4900

paytr = env.ref('payment_trpay.payment_provider_paytr')
redsys = env.ref('payment.payment_provider_redsys')
redsys.write(
    {
        'redsys_merchant_code': '99999999',
        'redsys_merchant_terminal': '777',
        'redsys_secret_key': base64.b64encode(b'24 bytes for triple DES!').decode(),
        'state': 'test',
    }
)
lira = env.ref('base.TRY')
partner = env['res.partner'].create({'name': "Ayşe Yılmaz", 'email': 'ayse@example.com'})


def transactions(provider, references):
    """Create payments whose customers are at the provider's page."""
    return env['payment.transaction'].create(
        [
            {
                'provider_id': provider.id,
                'payment_method_id': env.ref('payment.payment_method_card').id,
                'reference': reference,
                'amount': AMOUNT,
                'currency_id': lira.id,
                'partner_id': partner.id,
                'operation': 'online_redirect',
            }
            for reference in references
        ]
    )


def paytr_form(tx):
    """Sign as PayTR's documents say."""
    signed = f'{tx.reference}{paytr.paytr_merchant_salt}success{MINOR_UNITS}'
    digest = hmac.digest(paytr.paytr_merchant_key.encode(), signed.encode(), hashlib.sha256)
    return {
        'merchant_oid': tx.reference,
        'status': 'success',
        'total_amount': MINOR_UNITS,
        'payment_amount': MINOR_UNITS,
        'payment_type': 'card',
        'installment_count': 1,
        'currency': 'TL',
        'merchant_id': paytr.paytr_merchant_id,
        'test_mode': 1,
        'hash': base64.b64encode(digest).decode(),
    }


def redsys_form(tx):
    """Sign as core's own verification does."""
    data = {
        'Ds_Order': tx.reference,
        'Ds_Amount': MINOR_UNITS,
        'Ds_Currency': lira.iso_numeric,
        'Ds_Card_Brand': '1',
        'Ds_Response': '0000',
    }
    parameters = base64.b64encode(json.dumps(data).encode()).decode()
    signature = redsys._redsys_calculate_signature(
        parameters, tx.reference, redsys.redsys_secret_key
    )
    return {'Ds_MerchantParameters': parameters, 'Ds_Signature': signature}


count = int(os.environ['BENCH_COUNT'])
with open(os.environ['BENCH_FILE'], 'w') as file:
    for code, provider, path, form in (
        ('paytr', paytr, '/payment/paytr/notify', paytr_form),
        ('redsys', redsys, '/payment/redsys/webhook', redsys_form),
    ):
        for tx in transactions(provider, [f'{code}{number:06}' for number in range(count)]):
            message = {'code': code, 'path': path, 'body': urlencode(form(tx))}
            print(json.dumps(message), file=file)
