"""HPKE, single shot, in base and in PSK mode ("HPKE"). aad is empty."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from .errors import KeyRefused
from .kdf import labeled_expand, labeled_extract
from .kem import AllZero, fresh_ephemeral
from .suite import KDF_ID, Suite


class AeadFailed(Exception):
    """The ciphertext does not open."""


@dataclass(frozen=True)
class KeySchedule:
    psk_id_hash: bytes
    info_hash: bytes
    context: bytes
    secret: bytes
    key: bytes
    nonce: bytes


def key_schedule(suite: Suite, shared_secret: bytes, info: bytes, psk: bytes, psk_id: bytes) -> KeySchedule:
    suite_id = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (suite.kem.id, KDF_ID, suite.aead_id))
    psk_id_hash = labeled_extract(suite_id, b"", b"psk_id_hash", psk_id)
    info_hash = labeled_extract(suite_id, b"", b"info_hash", info)
    context = bytes([suite.mode]) + psk_id_hash + info_hash
    secret = labeled_extract(suite_id, shared_secret, b"secret", psk)
    key = labeled_expand(suite_id, secret, b"key", context, 32)
    nonce = labeled_expand(suite_id, secret, b"base_nonce", context, 12)
    return KeySchedule(psk_id_hash, info_hash, context, secret, key, nonce)


def open_sealed(
    suite: Suite, private_key: bytes, enc: bytes, ciphertext: bytes, info: bytes, psk: bytes = b"", psk_id: bytes = b""
) -> bytes:
    try:
        shared_secret = suite.kem.decapsulate(private_key, enc)
        schedule = key_schedule(suite, shared_secret, info, psk, psk_id)
        return suite.aead(schedule.key).decrypt(schedule.nonce, ciphertext, None)
    except (AllZero, InvalidTag):
        raise AeadFailed from None


def seal(
    suite: Suite,
    public_key: bytes,
    plaintext: bytes,
    info: bytes,
    psk: bytes = b"",
    psk_id: bytes = b"",
    *,
    ephemeral: bytes | None = None,
) -> bytes:
    """enc, then the ciphertext with its tag. ``ephemeral`` is for tests alone."""
    if len(public_key) != suite.kem.public_key_bytes:
        raise KeyRefused
    try:
        enc, shared_secret = suite.kem.encapsulate(public_key, ephemeral or fresh_ephemeral())
    except AllZero:
        raise KeyRefused from None
    schedule = key_schedule(suite, shared_secret, info, psk, psk_id)
    return enc + suite.aead(schedule.key).encrypt(schedule.nonce, plaintext, None)
