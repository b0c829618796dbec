"""Passwords: Argon2id, and the same time for a login that does not exist."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from liuhen.base.errors import InvalidInput

MIN_CHARACTERS = 8
MAX_BYTES = 256  # argon2 has no short limit; ours keeps a request from buying seconds of work

# OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane; some 25 ms on one core.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The encoded Argon2id hash. Raises InvalidInput below 8 characters or above 256 bytes."""
    if len(password) < MIN_CHARACTERS:
        raise InvalidInput("the password is too short", reason="password_short", least=MIN_CHARACTERS)
    if len(password.encode(errors="replace")) > MAX_BYTES:
        raise InvalidInput("the password is too long", reason="password_long", most_bytes=MAX_BYTES)
    return _HASHER.hash(password.encode(errors="surrogatepass"))


def verify_password(encoded: str | None, password: str) -> bool:
    """Whether the password fits. Takes as long for an unknown login (`encoded` None), which never fits."""
    if len(password) > MAX_BYTES:
        password = ""
    try:
        fits = _HASHER.verify(encoded or _NOBODY, password.encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return fits and encoded is not None


def needs_rehash(encoded: str) -> bool:
    """Whether the hash was made with weaker parameters than today's; rehash at the next good sign-in."""
    return _HASHER.check_needs_rehash(encoded)
