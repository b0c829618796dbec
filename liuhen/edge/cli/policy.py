"""`liuhen policy`: ask the rules about facts in a file, and hold them to case files. Needs no database."""

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput, NotFound
from liuhen.edge.boot import load_calendar, load_rulebooks
from liuhen.money.amount import show
from liuhen.policy.asking import decisions
from liuhen.policy.casecheck import Difference, judged
from liuhen.policy.casefile import case_of, units_of
from liuhen.policy.combine import combine
from liuhen.policy.decision import ClaimDecision, Decision, Mark
from liuhen.policy.facts.tables import text_of
from liuhen.policy.outside import Place
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.told import LANGS, Told, told
from liuhen.policy.words.told import LABELS, SIDES

MAX_BYTES = 1_000_000  # of one file
MAX_FILES = 10_000  # of one folder
_SIGNS = {Mark.MET: "✓", Mark.NOT_MET: "✗", Mark.UNKNOWN: "?"}
_ENDINGS = (".toml", ".json")


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One file of `policy cases`. problem: why it could not be read, or ""."""

    file: str
    id: str
    asks: str
    differences: tuple[Difference, ...]
    problem: str


def register(commands: Any) -> None:
    """Adds this group's commands."""
    group = commands.add_parser(
        "policy", help="ask the rules about facts in a file; docs/cases.md says how to write one"
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    ask = actions.add_parser("decide", help="facts in, decision out")
    ask.add_argument("file", metavar="FILE", help="facts or a case, TOML or JSON; - for standard input")
    ask.add_argument("--lang", choices=LANGS, default="en", help="language of the answer")
    ask.add_argument("--rulebook", metavar="VERSION", help="instead of the version in force when the order was placed")
    ask.add_argument(
        "--place", choices=[*Place], default="here", help="where it was bought, and how far it has gone there"
    )
    ask.add_argument("--json", action="store_true", help="the decision as data, with its texts")
    ask.set_defaults(run=_decide)
    cases = actions.add_parser("cases", help="hold the rules to case files")
    cases.add_argument("folder", metavar="DIR", type=Path, help="a folder of case files, or one file")
    cases.add_argument("--rulebook", metavar="VERSION", help="decide all of them by this version, a draft perhaps")
    cases.add_argument("--json", action="store_true", help="one JSON object per file instead of a table")
    cases.set_defaults(run=_cases)


def _decide(chosen: argparse.Namespace) -> int:
    """Exit code 2 if the facts cannot be read (main)."""
    table = _read(chosen.file)
    books, calendar = load_rulebooks(), load_calendar()
    units = units_of(table)
    version = chosen.rulebook or (text_of(table["rulebook"], "rulebook") if "rulebook" in table else None)
    claim = combine(decisions(units, books, version, changes=True))
    place = Place(chosen.place)
    texts = tuple(
        told(one, unit, chosen.lang, calendar, place=place) for one, unit in zip(claim.units, units, strict=True)
    )
    if chosen.json:
        print(msgspec.json.encode({"decision": claim, "texts": texts}).decode())
        return 0
    for line in _claim_lines(claim, texts, chosen.lang):
        print(line)
    return 0


def _claim_lines(claim: ClaimDecision, texts: tuple[Told, ...], lang: str) -> Iterator[str]:
    alike: dict[int, list[int]] = {}
    for place, decision in enumerate(claim.units):
        alike.setdefault(id(decision), []).append(place)
    if len(claim.units) > 1:
        yield f"{claim.outcome} {_range(claim.amount_fen, claim.amount_max_fen)} · {len(claim.units)} ×"
    for places in alike.values():
        if len(claim.units) > 1:
            yield f"\n── {len(places)} × ──"
        yield from _lines(claim.units[places[0]], texts[places[0]], lang)


def _lines(decision: Decision, text: Told, lang: str) -> Iterator[str]:
    label = LABELS[lang]
    stop, join = label["stop"], label["join"]
    yield f"{decision.outcome} · {text.headline}"
    if text.warning:
        yield text.warning
    yield f"{label['why']}{stop}{text.why}"
    yield from (f"  {cite}" for cite in text.cites)
    if text.sum:
        yield f"{label['sum']}{stop}{text.sum}"
    yield from (f"  {name:<24} {amount:>14}" for name, amount in text.bill)
    if text.remedies:
        chooser = label["chooser"].replace("{side}", _side(decision.chooser, lang)) if len(text.remedies) > 1 else ""
        yield f"{label['remedies']}{stop}{join.join(text.remedies)}{chooser}"
    yield f"{label['liable']}{stop}{text.liable} · {label['payer']}{stop}{text.payer}"
    if text.recover_from:
        yield f"{label['recover_from']}{stop}{text.recover_from}"
    yield f"{label['decided_by']}{stop}{text.decided_by} · {text.next_step}"
    if text.outside:
        yield text.outside
    for name, entries in (("orders", text.orders), ("claims", text.claims)):
        if entries:
            yield f"{label[name]}{stop}{join.join(entries)}"
    if text.changes:
        yield f"{label['change']}{stop}"
        yield from (f"  {change}" for change in _changes(decision, text))
    if text.steps:
        yield f"{label['steps']}{stop}{join.join(step.who for step in text.steps)}"
    if decision.human_offered:
        yield label["human"]
    yield f"{label['clauses']}{stop}"
    for clause in text.clauses:
        yield f"  {_SIGNS[clause.mark]}{'*' if clause.decisive else ' '} {clause.number:<5} {clause.sentence}"
    yield f"{label['rulebook']}{stop}{decision.rulebook_version}"


def _changes(decision: Decision, text: Told) -> Iterator[str]:
    for change, words in zip(decision.what_would_change, text.changes, strict=True):
        amount = _range(change.amount_fen, change.amount_max_fen)
        yield f"{'+' if change.better else '-'} {words} → {change.outcome} {amount}"


def _side(side: str, lang: str) -> str:
    return SIDES[lang][side]


def _range(low: int, high: int) -> str:
    return show(low) if low == high else f"{show(low)}–{show(high)}"


def _cases(chosen: argparse.Namespace) -> int:
    """Exit code 0 all as expected, 1 something differs, 2 a file cannot be read or there is none."""
    files = _files(chosen.folder)
    books = load_rulebooks()
    results = [judge_file(path, books, chosen.rulebook) for path in files]
    if chosen.json:
        for result in results:
            print(msgspec.json.encode(result).decode())
    else:
        for line in _table(results):
            print(line)
    if any(result.problem for result in results):
        return 2
    return 1 if any(result.differences for result in results) else 0


def judge_file(path: Path, books: tuple[Rulebook, ...], version: str | None = None) -> Judged:
    """One file held to what policy says, by its own version of the rules or by another one.

    A file that cannot be read is a result too: `problem`.
    """
    try:
        case = case_of(_read(str(path)))
        case = msgspec.structs.replace(case, rulebook=version or case.rulebook)
        differences = judged(case, books)
    except InvalidInput as error:
        return Judged(file=str(path), id=path.stem, asks="", differences=(), problem=error.message)
    return Judged(file=str(path), id=case.id, asks=case.asks, differences=differences, problem="")


def _table(results: list[Judged]) -> Iterator[str]:
    rows = [(one.id, "", "cannot be read", "", one.problem) for one in results if one.problem]
    rows += [(one.id, d.place, d.field, d.expected, d.got) for one in results for d in one.differences]
    if rows:
        head = ("case", "step", "field", "expected", "got")
        wide = [max(len(row[n]) for row in [head, *rows]) for n in range(4)]
        for row in [head, *rows]:
            yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, wide, strict=False)), row[4]]).rstrip()
        yield ""
    asks = Counter(one.asks for one in results if one.asks)
    wrong = sum(bool(one.differences) for one in results)
    unread = sum(bool(one.problem) for one in results)
    kinds = ", ".join(f"{count} {name}" for name, count in sorted(asks.items())) or "none readable"
    right = len(results) - wrong - unread
    yield f"{len(results)} case files ({kinds}): {right} as expected, {wrong} differ, {unread} unreadable"


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    found = sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS and path.is_file())
    if not found:
        raise NotFound(f"There is no case file (.toml or .json) in {folder}.")
    if len(found) > MAX_FILES:
        raise InvalidInput(f"There are more than {MAX_FILES} files in {folder}.")
    return found


def _read(name: str) -> dict[str, Any]:
    """The table in a file. Raises InvalidInput that names it."""
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if name == "-" else _bytes(Path(name))
    except OSError as error:
        raise NotFound(f"{name} cannot be read: {error.strerror}.") from error
    if len(raw) > MAX_BYTES:
        raise InvalidInput(f"{name} is larger than {MAX_BYTES} bytes.")
    try:
        text = raw.decode("utf-8")
        is_json = name.endswith(".json") or (not name.endswith(".toml") and text.lstrip().startswith("{"))
        table = msgspec.json.decode(text) if is_json else tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise InvalidInput(f"{name} is neither TOML nor JSON: {error}") from error
    if not isinstance(table, dict):
        raise InvalidInput(f"{name} holds no table.")
    return table


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
