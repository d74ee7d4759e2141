"""The daily ratchet: chain values, and the PSK of a day."""

import hmac

EPOCHS_AHEAD_MAX = 1023


def derive_psk(chain: bytes) -> bytes:
    return hmac.digest(chain, b"sealed-push/1 psk\x01", "sha256")


def step_chain(chain: bytes, steps: int) -> bytes:
    """chain[e + steps] from chain[e]; there is no way back."""
    for _ in range(steps):
        chain = hmac.digest(chain, b"sealed-push/1 chain\x01", "sha256")
    return chain


def follows(oldest_epoch: int, epoch: int) -> bool:
    """Whether a device that kept chain[oldest_epoch] may derive the PSK of ``epoch``."""
    return oldest_epoch <= epoch <= oldest_epoch + EPOCHS_AHEAD_MAX


def move(oldest_epoch: int, oldest_chain: bytes, epoch: int, keep_days: int) -> tuple[int, bytes]:
    """What is kept once ``epoch`` is authenticated: O = max(O, epoch - keep_days - 1), and chain[O]."""
    moved = max(oldest_epoch, epoch - keep_days - 1)
    return moved, step_chain(oldest_chain, moved - oldest_epoch)
