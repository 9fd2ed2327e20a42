"""Makes the demo's clinic with its shop. Runs in Odoo's shell, in a new database."""

SANDBOX_KEYS = {
    'paytr_merchant_id': '123456',
    'paytr_merchant_key': 'TESTKEYabcdef123',
    'paytr_merchant_salt': 'TESTSALTghijk456',
}
PRODUCTS = [  # Turkish name, English name, price in TRY, what it is
    ("Diş Taşı Temizliği", "Dental Scaling", 1450.00, 'service'),
    ("Ofis Tipi Diş Beyazlatma", "In-Office Whitening", 4900.00, 'service'),
    ("Şarjlı Diş Fırçası", "Electric Toothbrush", 2290.00, 'consu'),
    ("Ağız Bakım Seti", "Oral Care Set", 349.90, 'consu'),
    ("Çocuk Diş Macunu", "Toothpaste for Children", 89.50, 'consu'),
]


def make_clinic():
    turkish = env['res.lang']._activate_lang('tr_TR')
    currency = env.ref('base.TRY')
    currency.active = True
    company = env.company
    company.write(
        {
            'name': "Gülüş Ağız ve Diş Sağlığı Kliniği",
            'street': "Kıbrıs Şehitleri Cad. 42",
            'city': "İzmir",
            'zip': '35220',
            'country_id': env.ref('base.tr').id,
            'phone': '+90 232 555 00 42',
            'email': 'merhaba@gulus.example',
            'currency_id': currency.id,
        }
    )
    env['product.pricelist'].search([]).currency_id = currency
    env.ref('base.user_admin').write(
        {'name': "Ayşe Yılmaz", 'email': 'ayse@gulus.example', 'tz': 'Europe/Istanbul'}
    )
    website = env['website'].search([], limit=1)
    website.write(
        {
            'name': "Gülüş Kliniği",
            'language_ids': [(4, turkish.id)],
            'default_lang_id': turkish.id,
        }
    )


def make_shop():
    for turkish_name, name, price, kind in PRODUCTS:
        product = env['product.template'].create(
            {
                'name': name,
                'list_price': price,
                'type': kind,
                'taxes_id': False,
                'website_published': True,
            }
        )
        product.with_context(lang='tr_TR').name = turkish_name


def open_payments():
    provider = env.ref('payment_trpay.payment_provider_paytr')
    provider.write(SANDBOX_KEYS | {'state': 'test', 'is_published': True})
    provider.with_context(active_test=False).payment_method_ids.active = True


make_clinic()
make_shop()
open_payments()
