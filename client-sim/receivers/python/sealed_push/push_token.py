"""The push token, sealed to the bouncer ("The sealed token")."""

import hashlib
from dataclasses import dataclass
from typing import Union

from . import cbor, hpke
from .errors import Malformed, PushTokenRefused
from .origin import is_app_id, is_origin
from .padding import pad, unpad
from .suite import PUSH_TOKEN_SUITES, TAG_BYTES

HEADER_BYTES = 5
BUCKET = 512
TOKEN_BYTES_MAX = 300
_ENVIRONMENTS = {"apns": ("production", "sandbox"), "fcm": ("",)}


@dataclass(frozen=True)
class TokenContext:
    """What a sealed token is bound to besides its header."""

    origin: str
    app_id: str
    platform: str
    environment: str

    @property
    def is_right(self) -> bool:
        environments = _ENVIRONMENTS.get(self.platform, ())
        return is_origin(self.origin) and is_app_id(self.app_id) and self.environment in environments

    def info(self, suite: int, bkid: bytes) -> bytes:
        names = (self.origin, self.app_id, self.platform, self.environment)
        joined = b"".join(bytes([len(name)]) + name.encode("ascii") for name in names)
        return b"sealed-push/1 token" + bytes([suite]) + bkid + joined


@dataclass(frozen=True)
class PushToken:
    """``token``: the raw bytes for apns, text for fcm. ``attempt`` and ``confirm_key`` are fresh for each."""

    token: Union[bytes, str]
    issued_at: int
    attempt: bytes
    confirm_key: bytes

    def is_right(self, platform: str) -> bool:
        token = self.token.encode("utf-8") if isinstance(self.token, str) else self.token
        return (
            isinstance(self.token, bytes if platform == "apns" else str)
            and 1 <= len(token) <= TOKEN_BYTES_MAX
            and cbor.is_integer(self.issued_at)
            and self.issued_at >= 0
            and isinstance(self.attempt, bytes)
            and len(self.attempt) == 16
            and isinstance(self.confirm_key, bytes)
            and len(self.confirm_key) == 32
        )


@dataclass(frozen=True)
class SealedToken:
    """``info_hash`` is kept beside attempt and confirm_key: the MACs of the attempt are bound to it."""

    blob: bytes
    info_hash: bytes


@dataclass(frozen=True)
class BouncerPrivateKey:
    suite: int
    bkid: bytes
    private_key: bytes


def seal_push_token(
    suite: int,
    bkid: bytes,
    public_key: bytes,
    context: TokenContext,
    token: PushToken,
    *,
    ephemeral: bytes | None = None,
) -> SealedToken:
    """Seals to a key that was selected from a verified list. ``ephemeral`` is for tests alone."""
    if not context.is_right or not token.is_right(context.platform):
        raise ValueError("not a push token of this context")
    info = context.info(suite, bkid)
    content = cbor.encode({1: token.token, 2: token.issued_at, 3: token.attempt, 4: token.confirm_key})
    sealed = hpke.seal(PUSH_TOKEN_SUITES[suite], public_key, pad(content, BUCKET), info, ephemeral=ephemeral)
    return SealedToken(bytes([suite]) + bkid + sealed, hashlib.sha256(info).digest())


def open_push_token(blob: bytes, keys: list[BouncerPrivateKey], context: TokenContext) -> tuple[PushToken, bytes]:
    """The bouncer's side: the token, and the hash of info. ``context.origin`` is the one that authenticated."""
    suite = PUSH_TOKEN_SUITES.get(blob[0]) if blob else None
    if suite is None or not context.is_right:
        raise PushTokenRefused
    enc_end = HEADER_BYTES + suite.kem.enc_bytes
    bkid = blob[1:HEADER_BYTES]
    key = next((key for key in keys if key.bkid == bkid and key.suite == suite.id), None)
    if key is None or len(blob) != enc_end + BUCKET + TAG_BYTES:
        raise PushTokenRefused
    info = context.info(suite.id, bkid)
    try:
        padded = hpke.open_sealed(suite, key.private_key, blob[HEADER_BYTES:enc_end], blob[enc_end:], info)
        value = cbor.decode(unpad(padded))
    except (hpke.AeadFailed, Malformed):
        raise PushTokenRefused from None
    if not isinstance(value, dict) or list(value) != [1, 2, 3, 4]:
        raise PushTokenRefused
    token = PushToken(value[1], value[2], value[3], value[4])
    if not isinstance(token.token, (bytes, str)) or not token.is_right(context.platform):
        raise PushTokenRefused
    return token, hashlib.sha256(info).digest()
