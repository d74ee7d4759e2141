"""The two KEMs of "HPKE": DHKEM(X25519, HKDF-SHA256), and X-Wing.

Private keys have 32 bytes in both; in X-Wing they are the seed. ``ephemeral`` is a fresh X25519 private key.
``encapsulate`` gives enc and the shared secret.
"""

import hashlib
import os
from typing import Union

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from .errors import KeyRefused
from .kdf import labeled_expand, labeled_extract


class AllZero(Exception):
    """X25519 gave zeros: the other side sent a point of low order."""


def x25519_public(private_key: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def x25519(private_key: bytes, public_key: bytes) -> bytes:
    try:
        return X25519PrivateKey.from_private_bytes(private_key).exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError:
        raise AllZero from None


def fresh_ephemeral() -> bytes:
    return os.urandom(32)


class DhKem:
    """KEM 0x0020. enc and the receiver's public key are hashed as they were received."""

    id = 0x0020
    enc_bytes = 32
    public_key_bytes = 32
    suite_id = b"KEM\x00\x20"

    def public_key(self, private_key: bytes) -> bytes:
        return x25519_public(private_key)

    def encapsulate(self, public_key: bytes, ephemeral: bytes) -> tuple[bytes, bytes]:
        enc = x25519_public(ephemeral)
        return enc, self.shared_secret(x25519(ephemeral, public_key), enc + public_key)

    def decapsulate(self, private_key: bytes, enc: bytes) -> bytes:
        return self.shared_secret(x25519(private_key, enc), enc + x25519_public(private_key))

    def shared_secret(self, dh: bytes, kem_context: bytes) -> bytes:
        eae_prk = labeled_extract(self.suite_id, b"", b"eae_prk", dh)
        return labeled_expand(self.suite_id, eae_prk, b"shared_secret", kem_context, 32)


class XWing:
    """KEM 0x647a: ML-KEM-768 and X25519, both of which an attacker has to break."""

    id = 0x647A
    enc_bytes = 1088 + 32
    public_key_bytes = 1184 + 32

    def expand(self, seed: bytes) -> tuple[MLKEM768PrivateKey, bytes]:
        """The two private keys that the 32 bytes of the seed stand for."""
        expanded = hashlib.shake_256(seed).digest(96)
        return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), expanded[64:]

    def public_key(self, private_key: bytes) -> bytes:
        sk_m, sk_x = self.expand(private_key)
        return sk_m.public_key().public_bytes_raw() + x25519_public(sk_x)

    def encapsulate(self, public_key: bytes, ephemeral: bytes) -> tuple[bytes, bytes]:
        pk_m, pk_x = public_key[:1184], public_key[1184:]
        try:
            ss_m, ct_m = MLKEM768PublicKey.from_public_bytes(pk_m).encapsulate()
        except ValueError:  # the modulus check of FIPS 203, section 7.2
            raise KeyRefused from None
        ct_x = x25519_public(ephemeral)
        return ct_m + ct_x, self.combine(ss_m, x25519(ephemeral, pk_x), ct_x, pk_x)

    def decapsulate(self, private_key: bytes, enc: bytes) -> bytes:
        sk_m, sk_x = self.expand(private_key)
        ct_m, ct_x = enc[:1088], enc[1088:]
        return self.combine(sk_m.decapsulate(ct_m), x25519(sk_x, ct_x), ct_x, x25519_public(sk_x))

    def combine(self, ss_m: bytes, ss_x: bytes, ct_x: bytes, pk_x: bytes) -> bytes:
        return hashlib.sha3_256(ss_m + ss_x + ct_x + pk_x + rb"\.//^" + b"\\").digest()


Kem = Union[DhKem, XWing]
