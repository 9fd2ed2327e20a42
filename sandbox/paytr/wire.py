"""What PayTR's documents fix to the letter: signatures, codes and the words that go with them."""

import base64
import hashlib
import hmac


def sign(key: str, *fields: str) -> str:
    """PayTR's one signature: base64 of the raw HMAC-SHA256 over the fields joined by nothing."""
    digest = hmac.digest(key.encode(), "".join(fields).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def is_signed(token: str, key: str, *fields: str) -> bool:
    return hmac.compare_digest(token.encode(), sign(key, *fields).encode())


# iFrame API step 1 and Havale/EFT iFrame API step 1: the fields of the token, in this order.
CARD_TOKEN = (
    "merchant_id",
    "user_ip",
    "merchant_oid",
    "email",
    "payment_amount",
    "user_basket",
    "no_installment",
    "max_installment",
    "currency",
    "test_mode",
)
EFT_TOKEN = (
    "merchant_id",
    "user_ip",
    "merchant_oid",
    "email",
    "payment_amount",
    "payment_type",
    "test_mode",
)

# iFrame API step 2, table of error codes; 0 carries the bank's own words.
CARD_FAILURES = {
    "0": "Kartın limiti / bakiyesi yetersiz.",
    "1": "Kimlik Doğrulama yapılmadı. Lütfen tekrar deneyin ve işlemi tamamlayın.",
    "2": "Kimlik Doğrulama başarısız. Lütfen tekrar deneyin ve şifreyi doğru girin.",
    "3": "Güvenlik kontrolü sonrası onay verilmedi veya kontrol yapılamadı.",
    "6": "Müşteri ödeme yapmaktan vazgeçti ve ödeme sayfasından ayrıldı.",
    "8": "Bu karta taksit yapılamamaktadır.",
    "9": "Bu kart ile işlem yetkisi bulunmamaktadır.",
    "10": "Bu işlemde 3D Secure kullanılmalıdır.",
    "11": "Güvenlik uyarısı. İşlem yapan müşterinizi kontrol edin.",
    "99": "İşlem başarısız: Teknik entegrasyon hatası.",
}
# A code that is in no table: banks' own codes reach the shop too.
BANK_REFUSAL = ("05", "Genel red: bankanızla görüşün.")

# Havale/EFT iFrame API step 2. The codes are documented, the wording here is the sandbox's own.
EFT_FAILURES = {
    "4": "Havale/EFT bulunamadı.",
    "5": "Gönderilen tutar sipariş tutarından az.",
    "6": "Müşteri ödeme yapmaktan vazgeçti veya süre doldu.",
    "7": "Müşterinin önceki bildirimi henüz kontrol ediliyor.",
    "41": "Gönderen adı bildirilen ad ile uyuşmuyor.",
    "42": "Gönderen T.C. kimlik numarası bildirilen ile uyuşmuyor.",
    "43": "Bu havale/EFT daha önce onaylanmış.",
    "44": "Bu havale/EFT daha önce iade edilmiş.",
    "45": "Bildirilen iki addan yalnızca biri yazılmış.",
}
EFT_BANKS = (
    "isbank",
    "akbank",
    "denizbank",
    "finansbank",
    "halkbank",
    "ptt",
    "teb",
    "vakifbank",
    "yapikredi",
    "ziraat",
)

UNKNOWN_MERCHANT = "Gecersiz istek veya magaza aktif degil"
BAD_TOKEN = "paytr_token gonderilmedi veya gecersiz"
BAD_OID = "merchant_oid alfanumerik olmalidir, ozel karakter iceremez"
BAD_AMOUNT = "payment_amount degeri integer olmalidir"
USED_OID = "merchant_oid daha once kullanilmis, benzersiz olmalidir"
NO_PERMISSION = "Bu servis icin yetkiniz yok"

# Refund API, table of error codes.
REFUND_ERRORS = {
    "000": "iade yapilamiyor, daha sonra tekrar deneyin",
    "001": UNKNOWN_MERCHANT,
    "002": "Gecersiz merchant_oid",
    "003": "Gecersiz return_amount",
    "004": BAD_TOKEN,
    "005": "merchant_oid ile basarili odeme bulunamadi",
    "006": "Toplam iade tutari odeme tutarindan fazla olamaz",
    "007": "merchant_oid bulundu ancak odeme henuz siteye bildirilmemis",
    "008": "KART odeme tipi iade desteklemiyor",
    "009": "Toplam iade tutari odeme tutarindan fazla olamaz",
    "010": "Net bakiyeniz yetersiz",
    "011": "Bir yildan eski islemler icin iade islemi yapilamaz.",
}
# Status inquiry, table of error codes; 004 says the two things it can mean in different words.
STATUS_ERRORS = {
    "001": UNKNOWN_MERCHANT,
    "002": "Gecersiz merchant_oid",
    "003": BAD_TOKEN,
    "004": "merchant_oid ile basarili odeme bulunamadi",
}
STATUS_UNKNOWN_OID = "merchant_oid ile islem bulunamadi"


def invalid_field(name: str) -> str:
    return f"Zorunlu alan degeri gecersiz veya gonderilmedi. (get-token): {name}"
