"""Two versions of the rules as an operator names them: a version that is published or planned, or a file."""

import tomllib
from pathlib import Path

from msgspec.structs import replace

from liuhen.base.errors import InvalidInput
from liuhen.edge.boot import load_rulebooks
from liuhen.policy.rulebook import Rulebook, rulebook_of

MAX_BYTES = 1_000_000  # of a file of rules


def two_books(old: str, new: str) -> tuple[Rulebook, Rulebook]:
    """Both, under names that differ. Raises InvalidInput with one sentence that names the version or the file."""
    first, second = _book(old), _book(new)
    return (first, second) if first.version != second.version else (first, replace(second, version=new))


def _book(name: str) -> Rulebook:
    """A file may be a plan: it must be whole and within the limits, and need not be announced in time."""
    if not name.endswith(".toml"):
        found = {book.version: book for book in load_rulebooks()}
        if name not in found:
            raise InvalidInput(f"There is no version {name[:40]}; there are {', '.join(found)}.")
        return found[name]
    path = Path(name)
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode()) if len(content) <= MAX_BYTES else {}
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{name} cannot be read: {error}") from error
    try:
        return rulebook_of(table)
    except InvalidInput as error:
        told = ", ".join(f"{key}: {value}" for key, value in error.data.items())
        raise InvalidInput(f"{name}: {error.message} ({told})") from error
