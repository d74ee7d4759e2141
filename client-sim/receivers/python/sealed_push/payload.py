"""What is inside an envelope ("Payload")."""

from dataclasses import dataclass
from typing import Callable, Union

from .cbor import MAX_INTEGER, Value, is_integer
from .errors import Malformed

Reference = Union[int, bytes]

MESSAGE, REMOVE, TEST = 1, 2, 4  # badge and session have no fields

TTL_MAX = 28 * 86_400
TEXT_BYTES_MAX = 2944
NAME_BYTES_MAX = 128
AVATAR_BYTES_MAX = 255
_NOT_IN_AVATAR = {*map(chr, range(0x21)), "\\", "\x7f"}


@dataclass(frozen=True)
class Conversation:
    kind: int
    id: Reference
    name: str | None
    topic: str | None


@dataclass(frozen=True)
class Sender:
    name: str
    avatar: str | None


@dataclass(frozen=True)
class Message:
    reference: Reference
    conversation: Conversation
    sender: Sender
    text: str
    truncated: bool
    edited: bool
    mention: int | None


@dataclass(frozen=True)
class Remove:
    references: list[Reference]


@dataclass(frozen=True)
class TestPush:
    nonce: bytes


@dataclass(frozen=True)
class Payload:
    sent_at: int
    counter: int
    ttl: int
    kind: int
    body: Message | Remove | TestPush | None
    unread: int | None
    removed: list[Reference] | None

    @property
    def alerts(self) -> bool:
        return self.kind in (MESSAGE, TEST)

    @property
    def own_reference(self) -> Reference | None:
        return self.body.reference if isinstance(self.body, Message) else None

    @property
    def takes_away(self) -> list[Reference]:
        """What a ``remove`` or a ``removed`` names, but never the message that carries it."""
        named = self.body.references if isinstance(self.body, Remove) else []
        return [reference for reference in [*named, *(self.removed or [])] if reference != self.own_reference]


def read_payload(value: Value) -> Payload:
    """Ignores unknown keys, passes unknown kinds and refuses everything else that is not of its type."""
    fields = _Fields(value)
    kind = fields.required(4, _unsigned())
    body = _Fields(fields.required(5, _map))
    return Payload(
        sent_at=fields.required(1, _unsigned()),
        counter=fields.required(2, _unsigned(1)),
        ttl=fields.required(3, _unsigned(1, TTL_MAX)),
        kind=kind,
        body=_BODIES[kind](body) if kind in _BODIES else None,
        unread=fields.optional(6, _unsigned()),
        removed=fields.optional(7, _references(32)),
    )


def _read_message(body: "_Fields") -> Message:
    conversation = _Fields(body.required(2, _map))
    sender = _Fields(body.required(3, _map))
    return Message(
        reference=body.required(1, _is_reference),
        conversation=Conversation(
            kind=conversation.required(1, _unsigned(1, 3)),
            id=conversation.required(2, _is_reference),
            name=conversation.optional(3, _text(NAME_BYTES_MAX)),
            topic=conversation.optional(4, _text(NAME_BYTES_MAX)),
        ),
        sender=Sender(
            name=sender.required(1, _text(NAME_BYTES_MAX)),
            avatar=sender.optional(2, _is_avatar),
        ),
        text=body.required(4, _text(TEXT_BYTES_MAX)),
        truncated=body.optional(5, _is_flag) is True,
        edited=body.optional(6, _is_flag) is True,
        mention=body.optional(7, _unsigned(1, 3)),
    )


def _read_remove(body: "_Fields") -> Remove:
    return Remove(body.required(1, _references(300)))


def _read_test(body: "_Fields") -> TestPush:
    return TestPush(body.required(1, lambda value: isinstance(value, bytes) and len(value) == 16))


_BODIES = {MESSAGE: _read_message, REMOVE: _read_remove, TEST: _read_test}

_Check = Callable[[Value], bool]


class _Fields:
    """The fields of one map. A field that is there is of its type, also an optional one."""

    def __init__(self, value: Value) -> None:
        if not isinstance(value, dict):
            raise Malformed
        self._map = value

    def required(self, key: int, is_right: _Check):
        if key not in self._map or not is_right(self._map[key]):
            raise Malformed
        return self._map[key]

    def optional(self, key: int, is_right: _Check):
        return self.required(key, is_right) if key in self._map else None


def _unsigned(low: int = 0, high: int = MAX_INTEGER) -> _Check:
    return lambda value: is_integer(value) and low <= value <= high


def _text(most: int) -> _Check:
    return lambda value: isinstance(value, str) and len(value.encode("utf-8")) <= most


def _references(most: int) -> _Check:
    return lambda value: isinstance(value, list) and 1 <= len(value) <= most and all(map(_is_reference, value))


def _is_reference(value: Value) -> bool:
    return _unsigned()(value) or isinstance(value, bytes) and 1 <= len(value) <= 16


def _map(value: Value) -> bool:
    return isinstance(value, dict)


def _is_flag(value: Value) -> bool:
    return value is True


def _is_avatar(value: Value) -> bool:
    """A path on the origin that no parser of URLs can take for another host."""
    if not _text(AVATAR_BYTES_MAX)(value):
        return False
    return value.startswith("/") and not value.startswith("//") and _NOT_IN_AVATAR.isdisjoint(value)
