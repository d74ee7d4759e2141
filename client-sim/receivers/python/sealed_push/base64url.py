"""Bytes as text: base64url without padding, in its one canonical form ("Terms and notation")."""

import base64
import re

from .errors import Malformed

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Refuses padding, foreign characters, a length of 1 modulo 4 and spare bits that are not zero."""
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        raise Malformed
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise Malformed
    return data
