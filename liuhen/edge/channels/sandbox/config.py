"""Settings of the sandbox channel, from its environment (names in docs/sandbox-channel.md)."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

MIN_SECRET_CHARACTERS = 32


class ConfigError(Exception):
    """A setting is missing or wrong; the sentence says which."""


class Config(Struct, frozen=True, kw_only=True):
    """keys: key id -> secret, all accepted; key_id: the one that signs. Times in seconds."""

    data: Path
    keys: Mapping[str, bytes]
    key_id: str
    merchant: str = "liuhen-demo"
    host: str = "127.0.0.1"
    port: int = 8090
    retry_seconds: tuple[int, ...] = (5, 30, 60)
    """Waits between callback tries; the last one repeats."""
    max_tries: int = 60
    callback_timeout_s: int = 10
    hang_s: int = 30
    """How long a request that is to time out is left without an answer."""


def from_environment(environment: Mapping[str, str]) -> Config:
    """Read the settings. Raises ConfigError with one sentence for the operator."""
    secret = environment.get("LIUHEN_SANDBOX_SECRET", "")
    secret_file = environment.get("LIUHEN_SANDBOX_SECRET_FILE", "")
    if not secret and secret_file:
        secret = _read_secret(Path(secret_file))
    if len(secret) < MIN_SECRET_CHARACTERS:
        raise ConfigError(
            "Set LIUHEN_SANDBOX_SECRET or LIUHEN_SANDBOX_SECRET_FILE"
            f" to a secret of at least {MIN_SECRET_CHARACTERS} characters."
        )
    data = environment.get("LIUHEN_SANDBOX_DATA", "")
    if not data:
        raise ConfigError("Set LIUHEN_SANDBOX_DATA to the folder in which the sandbox keeps its journal.")
    key_id = environment.get("LIUHEN_SANDBOX_KEY_ID", "k1")
    return Config(
        data=Path(data),
        keys={key_id: secret.encode()},
        key_id=key_id,
        merchant=environment.get("LIUHEN_SANDBOX_MERCHANT", "liuhen-demo"),
        host=environment.get("LIUHEN_SANDBOX_HOST", "127.0.0.1"),
        port=_whole(environment, "LIUHEN_SANDBOX_PORT", 8090),
        retry_seconds=_waits(environment.get("LIUHEN_SANDBOX_RETRY_SECONDS", "5,30,60")),
    )


def _read_secret(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"The secret file {path} cannot be read: {error.strerror}.") from None


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise ConfigError(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _waits(text: str) -> tuple[int, ...]:
    waits = text.split(",")
    if not all(wait.isascii() and wait.isdigit() for wait in waits):
        raise ConfigError("LIUHEN_SANDBOX_RETRY_SECONDS must be whole seconds with commas: 5,30,60.")
    return tuple(int(wait) for wait in waits)
