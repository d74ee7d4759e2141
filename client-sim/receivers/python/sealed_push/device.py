"""One registration on a device: its keys, what it receives, and what it does at an app start."""

from dataclasses import dataclass, field, replace

from .envelope import DeviceKey, Opened, open_envelope, replay_hash
from .errors import OpenFailed
from .judgement import Memory, Pair, Verdict, Window, android_display, ios_display, judge
from .payload import Payload
from .ratchet import follows

LIVE_KEYS_MAX = 4


@dataclass(frozen=True)
class KeyState:
    """A key with what belongs to its kid. ``counter`` and ``sent_at`` are the highest that changed state."""

    key: DeviceKey
    counter: int = 0
    sent_at: int = 0
    window: Window = Window()


@dataclass(frozen=True)
class Received:
    """What came of one push. ``result`` is ``valid``, ``refused`` or ``not_ours``; ``ios`` is of an alert push."""

    result: str
    ios: str = "placeholder"
    android: str = "placeholder"
    step: str | None = None
    payload: Payload | None = None
    verdict: Verdict | None = None
    erased: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Status:
    """The server's answer at an app start."""

    kid: bytes
    suite: int
    epoch: int
    counter: int
    sent_at: int
    key_state: str


@dataclass(frozen=True)
class Plan:
    """``key``: ``keep``, ``replace`` (make a new key and send it) or ``register`` (anew).

    ``erased``: the kids of old keys that the status ended. The keys that are left go on opening in any case.
    """

    key: str
    synchronise: bool = False
    erased: tuple[bytes, ...] = ()


@dataclass
class Registration:
    """The state of one account on one device ("Storage on the device"); ``keys`` are oldest first."""

    registration_id: bytes
    keys: list[KeyState] = field(default_factory=list)
    memory: Memory = Memory()
    sent_at: int = 0
    unread: int = 0

    def add_key(self, key: DeviceKey) -> tuple[bytes, ...]:
        """Takes up a key that the server accepted, and gives the kids that were erased for it ("Replacement")."""
        keys = [*self.keys, KeyState(key)]
        self.keys = keys[-LIVE_KEYS_MAX:]
        return tuple(state.key.kid for state in keys[:-LIVE_KEYS_MAX])

    def receive(self, envelope: bytes, now: int) -> Received:
        """One push with an ``e``, from end to end ("Order"). ``now`` is the corrected clock in ms."""
        try:
            opened = open_envelope(envelope, self._find_key)
        except OpenFailed as failure:
            return Received("refused", step=failure.step)
        if opened is None:
            return Received("not_ours")
        erased = self._move(opened.key, opened.epoch)
        if opened.payload is None:
            return Received("refused", step=opened.failed_step, erased=erased)
        pair = Pair(opened.payload.sent_at, replay_hash(envelope))
        return replace(self._take_in(opened.key.kid, opened.payload, pair, now), erased=erased)

    def _find_key(self, kid: bytes) -> DeviceKey | None:
        return next((state.key for state in self.keys if state.key.kid == kid), None)

    def _move(self, moved: DeviceKey, epoch: int) -> tuple[bytes, ...]:
        """``epoch`` was authenticated, and its key moved: if it is the newest, old ones go ("Replacement")."""
        self.keys = [replace(state, key=moved) if state.key.kid == moved.kid else state for state in self.keys]
        *older, newest = self.keys
        if newest.key.kid != moved.kid:
            return ()
        self.keys = [state for state in older if epoch < state.key.keep_days + 2] + [newest]
        return tuple(state.key.kid for state in older if epoch >= state.key.keep_days + 2)

    def _take_in(self, kid: bytes, payload: Payload, pair: Pair, now: int) -> Received:
        index = next(index for index, state in enumerate(self.keys) if state.key.kid == kid)
        state = self.keys[index]
        verdict = judge(payload, pair, state.window, self.memory, state.key.keep_days, now)
        is_highest = payload.sent_at > self.sent_at
        if verdict.changes_state:
            self.keys[index] = KeyState(
                key=state.key,
                counter=max(state.counter, payload.counter),
                sent_at=max(state.sent_at, payload.sent_at),
                window=state.window.record(pair),
            )
            self.memory = self.memory.bury(payload, max(state.key.keep_days for state in self.keys), now)
            if is_highest:
                self.sent_at = payload.sent_at
                self.unread = self.unread if payload.unread is None else payload.unread
        return Received(
            "valid",
            ios=ios_display(verdict),
            android=android_display(verdict, is_highest),
            payload=payload,
            verdict=verdict,
        )

    def start(self, status: Status | None) -> Plan:
        """What an app start asks for ("App start"). None: the server says ``unknown_registration``."""
        if status is None:
            return Plan("register")
        newest = self.keys[-1] if self.keys else None
        if newest is None or (status.kid, status.suite) != (newest.key.kid, newest.key.suite):
            return Plan("replace")
        in_reach = follows(newest.key.oldest_epoch, status.epoch)
        is_behind = status.counter < newest.counter or status.sent_at < newest.sent_at
        return Plan(
            "replace" if status.key_state != "live" or not in_reach or is_behind else "keep",
            synchronise=status.counter > newest.counter,
            erased=self._move(newest.key.moved(status.epoch), status.epoch) if in_reach else (),
        )
