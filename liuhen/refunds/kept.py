"""What a case keeps of policy's decision: packed when it is decided, whole again when somebody looks at it."""

import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

import liuhen
from liuhen.base.errors import Unavailable
from liuhen.policy.combine import combine
from liuhen.policy.decision import ClaimDecision, Decision, Finding
from liuhen.policy.engine import all_whole, with_trace
from liuhen.policy.trace import Form, Trace, digest_of, form_digest

FORMS = Path(liuhen.__path__[0]) / "data" / "forms"
"""The forms that traces rest on, each under its digest. None is ever changed or taken away: rows rest on them."""


class KeptDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What a case keeps of policy's answer.

    `joined` tells clause by clause which units (by place, in line and piece order) met it; its `units` are left out,
    because 500 pieces would repeat the same trace 500 times. `first` is the whole decision on the first unit.
    """

    joined: ClaimDecision
    first: Decision


class _Packed(msgspec.Struct, frozen=True, kw_only=True):
    """joined is None for a single unit: `first` says it all. Older rows have their trace in `first`."""

    first: Finding
    trace: Trace | None = None
    joined: ClaimDecision | None = None


class _Whole(msgspec.Struct, frozen=True):
    first: Decision


def pack(decisions: Sequence[tuple[Finding, Trace]]) -> bytes:
    """As the case's row keeps the decisions on its units: JSON, compressed, of each trace what its form does not say.

    Raises LookupError where the form of the clauses was never frozen: nobody could read the row after the next edition.
    """
    _must_be_frozen()
    first, trace = decisions[0]
    return zlib.compress(msgspec.json.encode(_Packed(first=first, trace=trace, joined=_joined(decisions))), 1)


def _joined(decisions: Sequence[tuple[Finding, Trace]]) -> ClaimDecision | None:
    if len(decisions) == 1:
        return None
    return replace(combine(all_whole(decisions)), units=())


def unpack(packed: bytes) -> KeptDecision:
    """Raises Unavailable while a newer program decides beside this one."""
    text = _text(packed)
    found = msgspec.json.decode(text, type=_Packed)
    if found.trace is None:
        first = msgspec.json.decode(text, type=_Whole).first
    else:
        first = with_trace(found.first, found.trace, form_of(found.trace.form))
    return KeptDecision(joined=found.joined or replace(combine([first]), units=()), first=first)


def ground_in(packed: bytes) -> str:
    """The clause that decided. Raises msgspec.DecodeError or zlib.error for what is no decision."""
    return msgspec.json.decode(_text(packed), type=_Packed).first.ground


def _text(packed: bytes) -> bytes:
    """The oldest rows hold plain JSON."""
    return packed if packed[:1] == b"{" else zlib.decompress(packed)


@cache
def form_of(digest: str) -> Form:
    """A frozen form. Raises Unavailable if this program does not have it."""
    try:
        text = (FORMS / f"{digest}.json").read_bytes()
    except OSError as error:
        raise Unavailable("a newer version of the program decided this", retry_after_seconds=5) from error
    if digest_of(text) != digest:
        raise LookupError(f"data/forms/{digest}.json is not what it was")
    return msgspec.json.decode(text, type=Form)


@cache
def _must_be_frozen() -> None:
    if not (FORMS / f"{form_digest()}.json").is_file():
        raise LookupError("the clauses have changed: freeze their form (docs/decisions/0071)")
