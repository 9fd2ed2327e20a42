"""Makes the demo's clinic with its shop. Runs in Odoo's shell, in a new database."""

import base64
import io

from PIL import Image, ImageDraw

GREEN = '#0b7a5c'
SANDBOX_KEYS = {
    'paytr_merchant_id': '123456',
    'paytr_merchant_key': 'TESTKEYabcdef123',
    'paytr_merchant_salt': 'TESTSALTghijk456',
}
PRODUCTS = [  # Turkish name, English name, price in TRY, what it is, colour of its picture
    ("Diş Taşı Temizliği", "Dental Scaling", 1450.00, 'service', '#d9f0e8'),
    ("Ofis Tipi Diş Beyazlatma", "In-Office Whitening", 4900.00, 'service', '#fdf0d5'),
    ("Şarjlı Diş Fırçası", "Electric Toothbrush", 2290.00, 'consu', '#dcebf7'),
    ("Ağız Bakım Seti", "Oral Care Set", 349.90, 'consu', '#f6e1e6'),
    ("Çocuk Diş Macunu", "Toothpaste for Children", 89.50, 'consu', '#e9e4f5'),
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
            'logo': draw_smile(96),
        }
    )
    env['product.pricelist'].search([]).currency_id = currency
    env.ref('base.user_admin').write(
        {
            'name': "Ayşe Yılmaz",
            'email': 'ayse@gulus.example',
            'tz': 'Europe/Istanbul',
            'lang': 'tr_TR',
        }
    )
    website = env['website'].search([], limit=1)
    website.write(
        {
            'name': "Gülüş Kliniği",
            'logo': draw_smile(96),
            'language_ids': [(4, turkish.id)],
            'default_lang_id': turkish.id,
        }
    )


def make_shop():
    for turkish_name, name, price, kind, colour in PRODUCTS:
        product = env['product.template'].create(
            {
                'name': name,
                'list_price': price,
                'type': kind,
                'taxes_id': False,
                'website_published': True,
                'image_1920': draw_smile(512, colour),
            }
        )
        product.with_context(lang='tr_TR').name = turkish_name


def draw_smile(size, background='#00000000'):
    """Draw the clinic's sign: with Odoo's placeholders the shop would look unfinished."""
    picture = Image.new('RGBA', (size, size), background)
    pen = ImageDraw.Draw(picture)
    pen.ellipse([size * 0.1, size * 0.1, size * 0.9, size * 0.9], fill=GREEN)
    mouth = [size * 0.28, size * 0.24, size * 0.72, size * 0.72]
    pen.arc(mouth, 20, 160, fill='white', width=size // 12)
    return as_png(picture)


def as_png(image):
    file = io.BytesIO()
    image.save(file, 'PNG')
    return base64.b64encode(file.getvalue())


def open_payments():
    env['payment.provider'].search([('code', '=', 'demo')]).state = 'disabled'
    provider = env.ref('payment_trpay.payment_provider_paytr')
    provider.write(SANDBOX_KEYS | {'state': 'test', 'is_published': True})
    provider.with_context(active_test=False).payment_method_ids.active = True


make_clinic()
make_shop()
open_payments()
