"""What can be refused ("Errors"). No error text holds anything of the input."""


class Malformed(Exception):
    """Bytes or text that are not of the one documented form."""

    def __init__(self) -> None:
        super().__init__("malformed")


class OpenFailed(Exception):
    """The one error of opening ("On the device").

    ``step`` is a diagnostic for the device itself: nothing that others can observe may depend on it.
    """

    def __init__(self, step: str) -> None:
        super().__init__("open_failed")
        self.step = step


class KeyListRefused(Exception):
    """``code`` is ``key_list_refused`` or, if only the device's clock is to blame, ``clock_wrong``."""

    def __init__(self, code: str = "key_list_refused") -> None:
        super().__init__(code)
        self.code = code


class PushTokenRefused(Exception):
    """A sealed push token that the bouncer does not take."""

    def __init__(self) -> None:
        super().__init__("push_token_refused")


class KeyRefused(Exception):
    """A public key that nothing may be sealed to."""

    def __init__(self) -> None:
        super().__init__("key_refused")
