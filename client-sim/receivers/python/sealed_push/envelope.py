"""Sealing and opening an envelope ("Envelope")."""

import hashlib
from dataclasses import dataclass, replace
from typing import Callable

from . import cbor, hpke, ratchet
from .errors import Malformed, OpenFailed
from .padding import pad, unpad
from .payload import Payload, read_payload
from .suite import NOTIFICATION_SUITES, TAG_BYTES

HEADER_BYTES = 7
REPLAY_HASH_BYTES = 16


@dataclass(frozen=True)
class DeviceKey:
    """What the device keeps of one key ("Storage on the device"). In suite 0x02 the private key is the seed."""

    suite: int
    kid: bytes
    private_key: bytes
    origin: str
    app_id: str
    registration_id: bytes
    oldest_epoch: int
    oldest_chain: bytes
    keep_days: int

    def moved(self, epoch: int) -> "DeviceKey":
        """The key after ``epoch`` was authenticated."""
        oldest_epoch, oldest_chain = ratchet.move(self.oldest_epoch, self.oldest_chain, epoch, self.keep_days)
        return replace(self, oldest_epoch=oldest_epoch, oldest_chain=oldest_chain)


@dataclass(frozen=True)
class Opened:
    """What an authentic envelope gives: the key as it is from now on, and a payload unless a later step refused it."""

    key: DeviceKey
    epoch: int
    payload: Payload | None
    failed_step: str | None


def notification_info(suite: int, origin: str, app_id: str, registration_id: bytes) -> bytes:
    """What an envelope is bound to besides its header ("What it is bound to")."""
    names = b"".join(bytes([len(name)]) + name.encode("ascii") for name in (origin, app_id))
    return b"sealed-push/1 notification" + bytes([suite]) + names + registration_id


def replay_hash(envelope: bytes) -> bytes:
    return hashlib.sha256(envelope).digest()[:REPLAY_HASH_BYTES]


def open_envelope(envelope: bytes, find_key: Callable[[bytes], DeviceKey | None]) -> Opened | None:
    """Opens ("Open"). None: the kid is not ours. ``OpenFailed``: not authentic, and nothing changes."""
    if len(envelope) < HEADER_BYTES:
        raise OpenFailed("length")
    suite = NOTIFICATION_SUITES.get(envelope[0])
    if suite is None:
        raise OpenFailed("suite")
    enc_end = HEADER_BYTES + suite.kem.enc_bytes
    if len(envelope) - enc_end - TAG_BYTES not in suite.buckets:
        raise OpenFailed("length")
    kid, epoch = envelope[1:5], int.from_bytes(envelope[5:7], "big")

    key = find_key(kid)
    if key is None:
        return None
    if key.suite != suite.id:
        raise OpenFailed("suite")
    if not ratchet.follows(key.oldest_epoch, epoch):
        raise OpenFailed("epoch")

    psk = ratchet.derive_psk(ratchet.step_chain(key.oldest_chain, epoch - key.oldest_epoch))
    info = notification_info(suite.id, key.origin, key.app_id, key.registration_id)
    enc, ciphertext = envelope[HEADER_BYTES:enc_end], envelope[enc_end:]
    try:
        padded = hpke.open_sealed(suite, key.private_key, enc, ciphertext, info, psk, psk_id=envelope[1:7])
    except hpke.AeadFailed:
        raise OpenFailed("aead") from None
    return _read(padded, key.moved(epoch), epoch)


def _read(padded: bytes, key: DeviceKey, epoch: int) -> Opened:
    value = padded
    for step, read in (("padding", unpad), ("cbor", cbor.decode), ("schema", read_payload)):
        try:
            value = read(value)
        except Malformed:
            return Opened(key, epoch, None, step)
    return Opened(key, epoch, value, None)


@dataclass(frozen=True)
class Recipient:
    """What the server holds of a device's key, with the present epoch and its chain value."""

    suite: int
    kid: bytes
    public_key: bytes
    origin: str
    app_id: str
    registration_id: bytes
    epoch: int
    chain: bytes


def seal_envelope(recipient: Recipient, payload: bytes, bucket: int = 1856, *, ephemeral: bytes | None = None) -> bytes:
    """Seals CBOR ("Seal"). ``ephemeral`` is for tests alone."""
    suite = NOTIFICATION_SUITES[recipient.suite]
    if bucket not in suite.buckets:
        raise ValueError("not a bucket of this suite")
    psk_id = recipient.kid + recipient.epoch.to_bytes(2, "big")
    info = notification_info(suite.id, recipient.origin, recipient.app_id, recipient.registration_id)
    psk = ratchet.derive_psk(recipient.chain)
    plaintext = pad(payload, bucket)
    sealed = hpke.seal(suite, recipient.public_key, plaintext, info, psk, psk_id, ephemeral=ephemeral)
    return bytes([suite.id]) + psk_id + sealed
