"""Names of servers and apps ("Origins and app ids"). They are compared as they are, byte by byte."""

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"https://({_LABEL}(?:\.{_LABEL})*)(?::([1-9][0-9]{{0,4}}))?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IPV4_NUMBER = r"(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4 = re.compile(rf"{_IPV4_NUMBER}(?:\.{_IPV4_NUMBER}){{3}}")
_APP_ID = re.compile(r"[A-Za-z0-9._-]{1,255}")


def is_origin(text: str) -> bool:
    match = _ORIGIN.fullmatch(text)
    if match is None or len(text) > 255:
        return False
    host, port = match.groups()
    if port is not None and (port == "443" or int(port) > 65535):
        return False
    last_label = host.rpartition(".")[2]
    return _NUMBER.fullmatch(last_label) is None or _IPV4.fullmatch(host) is not None


def is_app_id(text: str) -> bool:
    return _APP_ID.fullmatch(text) is not None
