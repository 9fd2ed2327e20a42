"""What a shop at Platformode knows and encrypts: computed once more, without the sandbox's code."""

import base64
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MERCHANT = {
    "app_id": "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4",
    "app_secret": "00112233445566778899aabbccddeeff",
    "merchant_key": "$2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
    "id": "56789",
}
KEY = MERCHANT["merchant_key"]
IV, SALT = "0123456789abcdef", "a1b2"


def _cipher(secret: str, iv: str, salt: str) -> Cipher:
    password = hashlib.sha1(secret.encode()).hexdigest()
    digest = hashlib.sha256(f"{password}{salt}".encode()).hexdigest()
    return Cipher(algorithms.AES(digest.encode()[:32]), modes.CBC(iv.encode()))


def hash_key(*fields, secret: str = MERCHANT["app_secret"], iv: str = IV, salt: str = SALT) -> str:
    plain = "|".join(map(str, fields)).encode()
    fill = 16 - len(plain) % 16
    encryptor = _cipher(secret, iv, salt).encryptor()
    encrypted = encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()
    return f"{iv}:{salt}:{base64.b64encode(encrypted).decode()}".replace("/", "__")


def plain(bundle: str, secret: str = MERCHANT["app_secret"]) -> str:
    iv, salt, text = bundle.split(":")
    decryptor = _cipher(secret, iv, salt).decryptor()
    padded = decryptor.update(base64.b64decode(text.replace("__", "/"))) + decryptor.finalize()
    return padded[: -padded[-1]].decode()
