"""What an API key looks like, and how one is told from a mistyped one. Knows no database: only a key's SHA-256 is ever stored.

`ff_`, 30 letters of base62 (178 bits of chance), 6 letters of base62: the CRC32 of the 30.
"""

import hashlib
import secrets
import string
import zlib

PREFIX = "ff_"
LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LENGTH, SUM_LENGTH = 30, 6
TIERS = ("paid", "pro")


def new_key() -> str:
    secret = "".join(secrets.choice(LETTERS) for _ in range(SECRET_LENGTH))
    return PREFIX + secret + checksum(secret)


def is_well_formed(key: str) -> bool:
    """Whether it can be a key at all: what cannot is turned away without a look into the database."""
    body = key.removeprefix(PREFIX)
    if body == key or len(body) != SECRET_LENGTH + SUM_LENGTH or not all(letter in LETTERS for letter in body):
        return False
    return checksum(body[:SECRET_LENGTH]) == body[SECRET_LENGTH:]


def checksum(secret: str) -> str:
    """CRC32 in base62, six letters, the most significant first."""
    left, letters = zlib.crc32(secret.encode("ascii")), ""
    for _ in range(SUM_LENGTH):
        left, digit = divmod(left, len(LETTERS))
        letters = LETTERS[digit] + letters
    return letters


def digest(key: str) -> bytes:
    """What is stored of a key. It is random enough that no salt or slow hash is needed."""
    return hashlib.sha256(key.encode("ascii")).digest()
