"""The signed list of the bouncer's keys ("The list of bouncer keys")."""

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from . import base64url, cbor
from .errors import KeyListRefused, Malformed
from .origin import is_origin

BYTES_CHARACTERS_MAX = 32_768
ROOT_CHARACTERS = 6
SIGNATURE_CHARACTERS = 86
KEYS_MAX = 16
LIFE_SECONDS_MAX = 30 * 86_400


@dataclass(frozen=True)
class SignedKeyList:
    """As on the wire, each base64url."""

    root: str
    signature: str
    bytes: str


@dataclass(frozen=True)
class Seen:
    """What the app keeps of the lists that it accepted."""

    version: int
    issued_at: int
    digest: bytes


@dataclass(frozen=True)
class Trust:
    """What is compiled into the app, and what it has seen."""

    roots: list[bytes]
    build_time: int
    lowest_version: int
    seen: Seen | None


@dataclass(frozen=True)
class BouncerKey:
    bkid: bytes
    suite: int
    key: bytes
    not_before: int
    not_after: int


@dataclass(frozen=True)
class KeyList:
    version: int
    issued_at: int
    valid_until: int
    bouncer_origin: str
    keys: list[BouncerKey]

    def select(self, suite: int, now: int) -> BouncerKey | None:
        """The key to seal to. None: no attempt is sent."""
        usable = [key for key in self.keys if key.suite == suite and key.not_before <= now < key.not_after]
        return min(usable, key=lambda key: (-key.not_before, key.bkid), default=None)


@dataclass(frozen=True)
class Accepted:
    """``now`` is the time to choose a key for."""

    list: KeyList
    seen: Seen
    now: int


def verify_key_list(trust: Trust, bouncer_origin: str, signed: SignedKeyList, now: int) -> Accepted:
    """``now``: the device's own clock, in seconds. A refused list changes nothing of what the app keeps."""
    data = _verify_signature(trust.roots, signed)
    digest = hashlib.sha256(data).digest()
    key_list = _read(data)
    seen = trust.seen
    newest_issued_at = seen.issued_at if seen else 0
    if key_list.bouncer_origin != bouncer_origin or key_list.version < trust.lowest_version:
        raise KeyListRefused
    if seen and key_list.version < seen.version:
        raise KeyListRefused
    if seen and key_list.version == seen.version and digest != seen.digest:
        raise KeyListRefused
    if max(trust.build_time, newest_issued_at) >= key_list.valid_until:
        raise KeyListRefused
    if now >= key_list.valid_until:
        raise KeyListRefused("clock_wrong")
    issued_at = max(newest_issued_at, key_list.issued_at)
    return Accepted(key_list, Seen(key_list.version, issued_at, digest), max(trust.build_time, issued_at, now))


def _verify_signature(roots: list[bytes], signed: SignedKeyList) -> bytes:
    sizes = (len(signed.root), len(signed.signature))
    if sizes != (ROOT_CHARACTERS, SIGNATURE_CHARACTERS) or len(signed.bytes) > BYTES_CHARACTERS_MAX:
        raise KeyListRefused
    try:
        root_id, signature, data = map(base64url.decode, (signed.root, signed.signature, signed.bytes))
        root = next((root for root in roots if hashlib.sha256(root).digest()[:4] == root_id), None)
        if root is None:
            raise KeyListRefused
        Ed25519PublicKey.from_public_bytes(root).verify(signature, b"sealed-push/1 bouncer keys" + data)
    except (Malformed, InvalidSignature):
        raise KeyListRefused from None
    return data


def _read(data: bytes) -> KeyList:
    try:
        value = cbor.decode(data)
    except Malformed:
        raise KeyListRefused from None
    if not isinstance(value, dict) or list(value) != [1, 2, 3, 4, 5]:
        raise KeyListRefused
    version, issued_at, valid_until, bouncer_origin, keys = value.values()
    if not all(map(_is_unsigned, (version, issued_at, valid_until))):
        raise KeyListRefused
    if not 0 < valid_until - issued_at <= LIFE_SECONDS_MAX:
        raise KeyListRefused
    if not isinstance(bouncer_origin, str) or not is_origin(bouncer_origin):
        raise KeyListRefused
    if not isinstance(keys, list) or len(keys) > KEYS_MAX:
        raise KeyListRefused
    read = [_read_key(key) for key in keys]
    if len({key.bkid for key in read}) != len(read):
        raise KeyListRefused
    return KeyList(version, issued_at, valid_until, bouncer_origin, read)


def _read_key(value: cbor.Value) -> BouncerKey:
    if not isinstance(value, list) or len(value) != 5:
        raise KeyListRefused
    bkid, suite, key, not_before, not_after = value
    if not all(map(_is_unsigned, (suite, not_before, not_after))):
        raise KeyListRefused
    if not isinstance(bkid, bytes) or len(bkid) != 4 or not isinstance(key, bytes) or not 32 <= len(key) <= 1216:
        raise KeyListRefused
    return BouncerKey(bkid, suite, key, not_before, not_after)


def _is_unsigned(value: cbor.Value) -> bool:
    return cbor.is_integer(value) and value >= 0
