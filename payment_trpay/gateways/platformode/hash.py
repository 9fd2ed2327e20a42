"""Platformode's `hash_key`: some fields of a message, encrypted under a secret of the merchant.

It is AES-256-CBC without authentication, and the initialisation vector travels in the clear.
Whoever holds one genuine bundle can therefore change its first sixteen bytes at will, and turn a
failure into a success: a bundle that fits is a reason to ask, never a proof.
"""

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK_BITS = 128


def seal(secret: str, *fields: str, iv: str = "", salt: str = "") -> str:
    """Encrypt fields as `iv:salt:ciphertext`.

    :param iv: Sixteen characters; random by default, as is the salt.
    """
    iv, salt = iv or secrets.token_hex(8), salt or secrets.token_hex(2)
    padder = PKCS7(BLOCK_BITS).padder()
    padded = padder.update("|".join(fields).encode()) + padder.finalize()
    encryptor = _cipher(secret, salt, iv).encryptor()
    encrypted = encryptor.update(padded) + encryptor.finalize()
    return f"{iv}:{salt}:{base64.b64encode(encrypted).decode()}".replace("/", "__")


def unseal(secret: str, bundle: str) -> list[str]:
    """Decrypt the fields of a bundle, which may have passed through a form or an address.

    :raise ValueError: If it is none, or was not made with this secret.
    """
    iv, salt, text = bundle.replace("__", "/").replace(" ", "+").split(":")
    bare = text.rstrip("=")
    encrypted = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    decryptor = _cipher(secret, salt, iv).decryptor()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    unpadder = PKCS7(BLOCK_BITS).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode().split("|")


def _cipher(secret: str, salt: str, iv: str) -> Cipher:
    """PHP takes the first 32 characters of the hexadecimal digest for the key, and so must we."""
    password = hashlib.sha1(secret.encode()).hexdigest()  # noqa: S324 - PSP's choice
    key = hashlib.sha256((password + salt).encode()).hexdigest()[:32]
    return Cipher(AES256(key.encode()), CBC(iv.encode()))
