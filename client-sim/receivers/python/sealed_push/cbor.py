"""The strict profile of CBOR ("CBOR profile")."""

from typing import Union

from .errors import Malformed

Value = Union[int, bytes, str, list["Value"], dict[int, "Value"], bool, None]

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 4
MAX_ITEMS = 512

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_SIMPLE_VALUES = {20: False, 21: True, 22: None}


def decode(data: bytes) -> Value:
    """Exactly one item; everything that the profile does not allow is ``Malformed``."""
    decoder = _Decoder(data)
    value = decoder.item(depth=1)
    if decoder.offset != len(data):
        raise Malformed
    return value


def is_integer(value: Value) -> bool:
    """True and false are no integers, though Python counts with them."""
    return isinstance(value, int) and not isinstance(value, bool)


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0

    def item(self, depth: int) -> Value:
        major, info = self._initial()
        if major == _SIMPLE:
            if info not in _SIMPLE_VALUES:
                raise Malformed
            return _SIMPLE_VALUES[info]
        argument = self._argument(info)
        if major == _UNSIGNED:
            return argument
        if major == _NEGATIVE:
            if argument == MAX_INTEGER:
                raise Malformed
            return -1 - argument
        if major == _BYTES:
            return self._take(argument)
        if major == _TEXT:
            return self._text(argument)
        if major == _TAG or depth > MAX_DEPTH or argument > MAX_ITEMS:
            raise Malformed
        if major == _ARRAY:
            return [self.item(depth + 1) for _ in range(argument)]
        return self._map(argument, depth)

    def _map(self, size: int, depth: int) -> dict[int, Value]:
        pairs: dict[int, Value] = {}
        previous = -1
        for _ in range(size):
            major, info = self._initial()
            if major != _UNSIGNED:
                raise Malformed
            key = self._argument(info)
            if key <= previous:
                raise Malformed
            previous = key
            pairs[key] = self.item(depth + 1)
        return pairs

    def _initial(self) -> tuple[int, int]:
        byte = self._take(1)[0]
        return byte >> 5, byte & 0x1F

    def _argument(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise Malformed
        size = 1 << (info - 24)
        argument = int.from_bytes(self._take(size), "big")
        largest_of_shorter_form = 23 if size == 1 else 256 ** (size // 2) - 1
        if argument <= largest_of_shorter_form or argument > MAX_INTEGER:
            raise Malformed
        return argument

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed from None

    def _take(self, length: int) -> bytes:
        if length > len(self.data) - self.offset:
            raise Malformed
        self.offset += length
        return self.data[self.offset - length : self.offset]


def encode(value: Value) -> bytes:
    """Writes the profile and nothing else; the caller keeps its limits."""
    if value is False or value is True or value is None:
        return bytes([_SIMPLE << 5 | (22 if value is None else 20 + value)])
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8")
        return _head(_TEXT, len(text)) + text
    if isinstance(value, list):
        return _head(_ARRAY, len(value)) + b"".join(map(encode, value))
    pairs = (_head(_UNSIGNED, key) + encode(value[key]) for key in sorted(value))
    return _head(_MAP, len(value)) + b"".join(pairs)


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    info = next(info for info in (24, 25, 26, 27) if argument < 256 ** (1 << (info - 24)))
    return bytes([major << 5 | info]) + argument.to_bytes(1 << (info - 24), "big")
