"""May it sound ("Opening, replay and staleness")."""

import bisect
from dataclasses import dataclass, field

from .payload import Payload, Reference

WINDOW_PAIRS = 256
DAY_MS = 86_400_000
TOLERANCE_MS = 600_000


@dataclass(frozen=True, order=True)
class Pair:
    """Names one envelope in the window."""

    sent_at: int
    hash: bytes


@dataclass(frozen=True)
class Window:
    """The newest pairs of a kid, ascending, and the largest that was ever dropped ("Replay window")."""

    pairs: tuple[Pair, ...] = ()
    floor: Pair | None = None

    def place(self, pair: Pair) -> str:
        if pair in self.pairs:
            return "seen"
        if self.floor is not None and pair <= self.floor:
            return "below"
        return "new"

    def record(self, pair: Pair) -> "Window":
        pairs = list(self.pairs)
        bisect.insort(pairs, pair)
        if len(pairs) <= WINDOW_PAIRS:
            return Window(tuple(pairs), self.floor)
        return Window(tuple(pairs[1:]), pairs[0])


@dataclass(frozen=True)
class Memory:
    """Tombstones, and the newest sent_at of each reference ("Expired, from the future, removed")."""

    tombstones: dict[Reference, int] = field(default_factory=dict)
    newest: dict[Reference, int] = field(default_factory=dict)

    def bury(self, payload: Payload, keep_days_max: int, now: int) -> "Memory":
        """Forgets what can be loud no more, then remembers what ``payload`` takes away and brings.

        ``keep_days_max``: the largest of the keys that the registration holds. Nothing is forgotten at another time.
        """
        oldest = now - keep_days_max * DAY_MS - TOLERANCE_MS
        tombstones, newest = (
            {reference: sent_at for reference, sent_at in times.items() if sent_at > oldest}
            for times in (self.tombstones, self.newest)
        )
        for reference in payload.takes_away:
            tombstones[reference] = max(payload.sent_at, tombstones.get(reference, 0))
        if payload.own_reference is not None:
            newest[payload.own_reference] = max(payload.sent_at, newest.get(payload.own_reference, 0))
        return Memory(tombstones, newest)


@dataclass(frozen=True)
class Verdict:
    replay: str
    expired: bool
    from_future: bool
    removed: bool
    superseded: bool
    alerts: bool

    @property
    def changes_state(self) -> bool:
        return self.replay == "new" and not self.from_future

    @property
    def loud(self) -> bool:
        return self.could_be_loud and not self.expired

    @property
    def could_be_loud(self) -> bool:
        """Whether nothing but its age can keep it quiet."""
        return self.changes_state and self.alerts and not self.removed and not self.superseded


def judge(payload: Payload, pair: Pair, window: Window, memory: Memory, keep_days: int, now: int) -> Verdict:
    """``now`` is the corrected clock in ms. Judges against the state before the payload."""
    life = min(payload.ttl * 1000, keep_days * DAY_MS)
    reference = payload.own_reference
    return Verdict(
        replay=window.place(pair),
        expired=now >= payload.sent_at + life + TOLERANCE_MS,
        from_future=payload.sent_at > now + TOLERANCE_MS,
        removed=reference is not None and payload.sent_at <= memory.tombstones.get(reference, -1),
        superseded=reference is not None and payload.sent_at < memory.newest.get(reference, 0),
        alerts=payload.alerts,
    )


def ios_display(verdict: Verdict) -> str:
    """What an alert push shows on iOS, which has to show something ("Display").

    ``newer``: the newer content again, quietly, or the placeholder if that is shown no more.
    """
    if verdict.loud:
        return "loud"
    if verdict.superseded:
        return "newer"
    if verdict.removed or not verdict.alerts:
        return "placeholder"
    return "quiet"


def android_display(verdict: Verdict, is_highest: bool) -> str:
    """What Android shows. ``is_highest``: no payload of the registration with a larger sent_at changed state."""
    if verdict.loud:
        return "loud"
    return "quiet" if verdict.could_be_loud and is_highest else "nothing"
