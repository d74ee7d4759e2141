"""Challenge, confirmation and revocation of an attempt ("Challenge and confirmation", "Revocation")."""

import hmac
from dataclasses import dataclass
from typing import Iterable

CHALLENGE_PUSH_BYTES = 48


@dataclass(frozen=True)
class Attempt:
    """What the app keeps of an attempt that it began."""

    attempt: bytes
    confirm_key: bytes
    info_hash: bytes

    def mac(self, label: bytes, challenge: bytes = b"") -> bytes:
        message = label + self.attempt + challenge + self.info_hash
        return hmac.digest(self.confirm_key, message, "sha256")


@dataclass(frozen=True)
class Answer:
    challenge: bytes
    confirmation: bytes


def answer_challenge(c: bytes, pending: Iterable[Attempt]) -> Answer | None:
    """``pending``: the attempts of all registrations that are neither active nor replaced. None: ignore it."""
    if len(c) != CHALLENGE_PUSH_BYTES:
        return None
    name, challenge, mac = c[:16], c[16:32], c[32:]
    attempt = next((attempt for attempt in pending if attempt.attempt == name), None)
    if attempt is None:
        return None
    if not hmac.compare_digest(mac, attempt.mac(b"sealed-push/1 challenge", challenge)[:16]):
        return None
    return Answer(challenge, attempt.mac(b"sealed-push/1 confirm", challenge))


def is_confirmation(attempt: Attempt, challenge: bytes, confirmation: bytes) -> bool:
    """The bouncer's side: whether the confirmation is right for the challenge that it sent."""
    return hmac.compare_digest(confirmation, attempt.mac(b"sealed-push/1 confirm", challenge))


def revocation_mac(attempt: Attempt) -> bytes:
    return attempt.mac(b"sealed-push/1 revoke")


def is_revocation(attempt: Attempt, mac: bytes) -> bool:
    """The bouncer's side."""
    return hmac.compare_digest(mac, revocation_mac(attempt))
