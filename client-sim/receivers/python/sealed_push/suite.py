"""The suites ("Suite registry and policy"): one byte names the whole construction."""

from dataclasses import dataclass
from typing import Callable, Union

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from .kem import DhKem, Kem, XWing

KDF_ID = 0x0001
TAG_BYTES = 16


@dataclass(frozen=True)
class Suite:
    id: int
    mode: int
    kem: Kem
    aead_id: int
    aead: Callable[[bytes], Union[AESGCM, ChaCha20Poly1305]]
    buckets: tuple[int, ...]


NOTIFICATION_SUITES = {
    0x01: Suite(0x01, 1, DhKem(), 0x0003, ChaCha20Poly1305, (512, 1024, 1856, 2944)),
    0x02: Suite(0x02, 1, XWing(), 0x0002, AESGCM, (512, 1024, 1856)),
}
PUSH_TOKEN_SUITES = {
    0x11: Suite(0x11, 0, DhKem(), 0x0003, ChaCha20Poly1305, (512,)),
    0x12: Suite(0x12, 0, XWing(), 0x0002, AESGCM, (512,)),
}
