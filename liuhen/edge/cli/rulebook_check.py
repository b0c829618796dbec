"""`liuhen rulebook check`: the six theorems, with the time each took; a refutation is printed as a case to read."""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from liuhen.base.errors import NotFound
from liuhen.edge.boot import load_rulebooks
from liuhen.policy.proof.ask import TITLES, Theorem
from liuhen.policy.proof.prove import Finding, State, prove
from liuhen.policy.proof.story import story
from liuhen.policy.proof.system import System, shipped, within_limits

EVERY = "any rulebook within the limits"


def run(chosen: argparse.Namespace) -> int:
    """Exit code 0: all proven; 1: a counterexample, or a question that was not answered in time. Raises NotFound."""
    books = {book.version: book for book in load_rulebooks()}
    for version in chosen.version:
        if version not in books:
            raise NotFound(f"there is no rulebook {version[:40]}: known are {', '.join(books)}", version=version[:40])
    named = [books[version] for version in chosen.version] or list(books.values())
    return check({book.version: shipped(book) for book in named}, as_json=chosen.json)


def check(named: Mapping[str, System], *, as_json: bool) -> int:
    """First every rulebook that may be, then each that is. Returns the exit code.

    What holds for every rulebook holds for each within the limits; only "no clause is dead" is a question to each.
    """
    began = time.monotonic()
    wrong = answered(EVERY, shipped(None), tuple(Theorem), as_json=as_json)
    for name, system in named.items():
        covered = not wrong and within_limits(system)
        wrong += answered(name, system, (Theorem.ALIVE,) if covered else tuple(Theorem), as_json=as_json)
    if not as_json:
        _say(f"{'all proven' if not wrong else f'{wrong} not proven'} in {_seconds(time.monotonic() - began)} s")
    return 1 if wrong else 0


def answered(name: str, system: System, theorems: tuple[Theorem, ...], *, as_json: bool) -> int:
    """Proves the theorems and says so. Returns how many questions were not answered as they should be."""
    wrong = 0
    if not as_json:
        rest = "" if len(theorems) > 1 else "; the rest as for any rulebook"
        _say(f"{name}: {len(system.clauses)} clauses, {len(system.grounds)} of which can decide{rest}")
    for theorem in theorems:
        start = time.monotonic()
        findings = list(prove(system, theorem))
        bad = [one for one in findings if one.state is not State.PROVEN]
        wrong += len(bad)
        took = int((time.monotonic() - start) * 1000)
        (_as_json if as_json else _as_text)(name, system, theorem, len(findings), bad, took)
    return wrong


def _as_text(name: str, system: System, theorem: Theorem, asked: int, bad: list[Finding], took: int) -> None:
    mark = "proven" if not bad else f"{len(bad)} NOT PROVEN"
    _say(f"  ({theorem}) {TITLES[theorem]}: {mark} ({asked} questions, {took} ms)")
    for one in bad:
        _say(f"      {one.state.upper()}: {one.name}")
        for line in story(one.witness, system.names) if one.witness is not None else ():
            _say(f"        {line}")


def _as_json(name: str, system: System, theorem: Theorem, asked: int, bad: list[Finding], took: int) -> None:
    found: dict[str, Any] = {
        "rulebook": name, "theorem": theorem, "claim": TITLES[theorem], "proven": not bad, "questions": asked,
        "milliseconds": took, "failures": [_failure(one, system) for one in bad],
    }  # fmt: skip
    _say(json.dumps(found, ensure_ascii=False))


def _failure(one: Finding, system: System) -> dict[str, Any]:
    failure: dict[str, Any] = {"name": one.name, "state": one.state}
    if one.witness is not None:
        failure |= {
            "confirmed": one.witness.confirmed,
            "story": story(one.witness, system.names),
            "cases": msgspec.to_builtins(one.witness.cases),
            "rulebook_values": one.witness.values,
        }
    return failure


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
