"""Makes the demo's clinic with its shop. Runs in Odoo's shell, in a new database."""

import base64
import io

from PIL import Image, ImageDraw, ImageFont

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
            'logo': draw_logo(),
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
            'logo': draw_logo(),
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
                'image_1920': draw_product(turkish_name, colour),
            }
        )
        product.with_context(lang='tr_TR').name = turkish_name


def draw_logo():
    """Draw the clinic's name: with Odoo's placeholder the shop would look unfinished."""
    logo = Image.new('RGBA', (360, 96))
    pen = ImageDraw.Draw(logo)
    pen.ellipse((4, 8, 84, 88), fill=GREEN)
    pen.arc((22, 20, 66, 68), 20, 160, fill='white', width=8)
    pen.text((102, 20), "Gülüş", font=ImageFont.load_default(52), fill=GREEN)
    return as_png(logo)


def draw_product(name, background):
    """Draw the initials of a product on a tile."""
    tile = Image.new('RGB', (512, 512), background)
    initials = ''.join(word[0] for word in name.split()[:2])
    font = ImageFont.load_default(190)
    ImageDraw.Draw(tile).text((256, 256), initials, font=font, fill=GREEN, anchor='mm')
    return as_png(tile)


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
