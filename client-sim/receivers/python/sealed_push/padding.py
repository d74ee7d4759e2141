"""Padding to the size of a bucket ("Padding")."""

from .errors import Malformed


def pad(cbor: bytes, bucket: int) -> bytes:
    if not 1 <= len(cbor) <= bucket - 2:
        raise ValueError("does not fit the bucket")
    return (len(cbor).to_bytes(2, "big") + cbor).ljust(bucket, b"\0")


def unpad(padded: bytes) -> bytes:
    end = 2 + int.from_bytes(padded[:2], "big")
    if end == 2 or end > len(padded) or any(padded[end:]):
        raise Malformed
    return padded[2:end]
