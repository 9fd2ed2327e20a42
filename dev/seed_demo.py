"""Makes the demo's clinic with its shop. Runs in Odoo's shell, in a new database."""

import base64
import io
from datetime import UTC, datetime, timedelta

from PIL import Image, ImageDraw

GREEN = '#0b7a5c'
SANDBOX_KEYS = {
    'paytr': {
        'paytr_merchant_id': '123456',
        'paytr_merchant_key': 'TESTKEYabcdef123',
        'paytr_merchant_salt': 'TESTSALTghijk456',
    },
    'platformode': {
        'platformode_app_id': '0badc0de0badc0de0badc0de0badc0de',
        'platformode_app_secret': '5ecre75ecre75ecre75ecre75ecre750',
        'platformode_merchant_key': (
            '$2y$10$SandboxMerchantKey/Only.ForTheDemo0123456789abcdefghi'
        ),
        'platformode_sale_hook': 'odoo_sale',
        'platformode_refund_hook': 'odoo_refund',
        'platformode_recurring_hook': 'odoo_recurring',
    },
}
PRODUCTS = [  # Turkish name, English name, price in TRY, what it is, colour of its picture
    ("Diş Taşı Temizliği", "Dental Scaling", 1450.00, 'service', '#d9f0e8'),
    ("Ofis Tipi Diş Beyazlatma", "In-Office Whitening", 4900.00, 'service', '#fdf0d5'),
    ("Şarjlı Diş Fırçası", "Electric Toothbrush", 2290.00, 'consu', '#dcebf7'),
    ("Ağız Bakım Seti", "Oral Care Set", 349.90, 'consu', '#f6e1e6'),
    ("Çocuk Diş Macunu", "Toothpaste for Children", 89.50, 'consu', '#e9e4f5'),
]

IBAN = 'TR330006100519786457841326'  # the example of the Turkish banks' association
DENTISTS = ("Dt. Deniz Demir", "Dt. Kerem Kaya")
SERVICES = [  # Turkish name, English name, minutes, price, what customers read (Turkish, English)
    (
        "Muayene",
        "Check-Up",
        30,
        900.00,
        "Ağız ve diş muayenesi, röntgen ve tedavi planı.",
        "Examination of mouth and teeth, X-ray and a plan of treatment.",
    ),
    (
        "Diş Taşı Temizliği",
        "Dental Scaling",
        45,
        1450.00,
        "Diş taşlarının ultrasonik temizliği ve parlatma.",
        "Ultrasonic scaling and polishing.",
    ),
    (
        "Ofis Tipi Diş Beyazlatma",
        "In-Office Whitening",
        60,
        4900.00,
        "Tek seansta birkaç ton daha beyaz dişler.",
        "Teeth that are some shades whiter after one session.",
    ),
    (
        "Telefonla Ön Görüşme",
        "Advice by Phone",
        15,
        0.00,
        "Sorularınız için ücretsiz on beş dakika.",
        "A quarter of an hour for your questions, free of charge.",
    ),
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
    sign_pages(company)


def sign_pages(company):
    """Write the clinic's address where Odoo's pages have a made-up one, in every language."""
    for placeholder, own in (
        ('+1 555-555-5556', company.phone),
        ('info@yourcompany.example.com', company.email),
    ):
        env.cr.execute(
            """
            UPDATE ir_ui_view SET arch_db = replace(arch_db::text, %s, %s)::jsonb
            WHERE arch_db::text LIKE '%%' || %s || '%%'
            """,
            (placeholder, own, placeholder),
        )
    env.registry.clear_cache('templates')


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
    for code, keys in SANDBOX_KEYS.items():
        provider = env.ref(f'payment_trpay.payment_provider_{code}')
        provider.write(keys | {'state': 'test', 'is_published': True})
        provider.with_context(active_test=False).payment_method_ids.active = True
    account = env['res.partner.bank'].create(
        {'acc_number': IBAN, 'partner_id': env.company.partner_id.id}
    )
    transfer = env.ref('payment.payment_provider_transfer')
    # As people in Türkiye call it; it is not active before its provider is.
    turkish = transfer.with_context(active_test=False, lang='tr_TR')
    turkish.payment_method_ids.name = "Havale / EFT"
    transfer.write(
        {'state': 'enabled', 'is_published': True, 'transfer_account_ids': [(6, 0, account.ids)]}
    )


def open_appointments():
    policy = env['deposit.policy'].create(
        {
            'name': "Deposit of 30 %",
            'percent': 30,
            'rounding': 50,
            'minimum': 250,
            'hold_minutes': 15,
            'tier_ids': [
                (0, 0, {'hours': 48, 'percent': 100}),
                (0, 0, {'hours': 24, 'percent': 50}),
            ],
        }
    )
    policy.with_context(lang='tr_TR').name = "%30 kapora"
    hours = env['resource.calendar'].create(
        {
            'name': "Muayenehane",
            'tz': 'Europe/Istanbul',
            'attendance_ids': [(5, 0, 0)]
            + [
                (0, 0, {'name': part, 'dayofweek': str(day), 'hour_from': start, 'hour_to': end})
                for day in range(6)
                for part, start, end in (("Sabah", 9, 12.5), ("Öğle sonrası", 13.5, 18))
            ],
        }
    )
    dentists = env['resource.resource'].create(
        [
            {
                'name': name,
                'resource_type': 'material',
                'calendar_id': hours.id,
                'tz': 'Europe/Istanbul',
            }
            for name in DENTISTS
        ]
    )
    chairs = env['resource.booking.combination'].create(
        [{'resource_ids': [(6, 0, dentist.ids)]} for dentist in dentists]
    )
    colours = [colour for *_product, colour in PRODUCTS]
    for (turkish_name, name, minutes, price, turkish_text, text), colour in zip(
        SERVICES, colours, strict=False
    ):
        service = env['resource.booking.type'].create(
            {
                'name': name,
                'public_description': text,
                'price': price,
                'duration': minutes / 60,
                'slot_duration': minutes / 60,
                'modifications_deadline': 3,
                'resource_calendar_id': hours.id,
                'combination_assignment': 'random',
                'combination_rel_ids': [(0, 0, {'combination_id': chair.id}) for chair in chairs],
                'location': "Kıbrıs Şehitleri Cad. 42, İzmir",
                'is_published': True,
                'image_1920': draw_smile(512, colour),
            }
        )
        service.with_context(lang='tr_TR').write(
            {'name': turkish_name, 'public_description': turkish_text}
        )
        book_some(service)


def book_some(service):
    """Let two customers book: a demo whose calendar is empty explains little.

    Both transfer their deposit, and the money of one is there.
    """
    now = datetime.now(UTC)
    slots = service._get_free_slots(now + timedelta(days=1), now + timedelta(days=9))
    for (name, address), slot, is_there in (
        (("Elif Şahin", 'elif'), slots[3], True),
        (("Mert Aydın", 'mert'), slots[-5], False),
    ):
        email = f'{address}+{service.id}@gulus.example'
        customer = {'name': name, 'email': email, 'phone': '+90 555 555 00 00'}
        booking = env['resource.booking']._book(service, slot, customer)
        if deposit := booking._deposit_payable().get('deposit'):
            tx = transfer_deposit(booking, deposit)
            if is_there:
                tx._transfer_receive(deposit)
                tx._post_process()


def transfer_deposit(booking, amount):
    provider = env.ref('payment.payment_provider_transfer')
    purpose = {
        'deposit_res_model': booking._name,
        'deposit_res_id': booking.id,
        'deposit_purpose': 'deposit',
    }
    tx = env['payment.transaction'].create(
        {
            'provider_id': provider.id,
            'payment_method_id': provider.payment_method_ids.id,
            'reference': env['payment.transaction']._compute_reference('custom', **purpose),
            'amount': amount,
            'currency_id': booking.deposit_currency_id.id,
            'partner_id': booking.partner_id.id,
            'operation': 'online_redirect',
            **purpose,
        }
    )
    tx._set_pending()
    return tx


make_clinic()
make_shop()
open_payments()
open_appointments()
