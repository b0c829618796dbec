"""From the statements of one request to a pgbench script: what the database alone can do with the very same work.

The texts stay as they were sent. Bound values that name things of the world follow pgbench's variables, ids and numbers
that the application made become fresh ones of the same shape (one variable for each), all else stays what it was.
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bench import ids
from bench.capture import Sent
from bench.cluster import Server
from bench.ids import Kind

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[A-Z]{2}\d{6}-[0-9A-Z]{8}")
_MARK = re.compile(r"\$(\d+)")
_FRESH_NUMBERS = 90_000_000
_FRESH_STEP = 1_234_577  # ids of one millisecond grow by a random step; here by a fixed one


class NotComputable(Exception):
    """A value names something of the world that the script has no number for."""


@dataclass(frozen=True, slots=True)
class Expr:
    """SQL of type text that pgbench's variables are part of."""

    sql: str


Piece = str | Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Vary:
    """What differs from request to request.

    lines: pgbench commands that choose; numbers: by the name of a kind, the expression over variables that numbers it;
    texts: exact text of a request's value to its SQL; hashes: the same for bytes.
    """

    lines: tuple[str, ...]
    numbers: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[bytes, str] = field(default_factory=dict)


@dataclass(slots=True)
class Script:
    """A pgbench script and the values that it is given on the command line."""

    vary: Vary
    lines: list[str] = field(default_factory=list)
    defines: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    _ids: dict[UUID, Expr] = field(default_factory=dict)
    _numbers: dict[str, Expr] = field(default_factory=dict)

    @property
    def text(self) -> str:
        head = [*self.vary.lines, f"\\set fresh_high ((10000000000 + {ids.FRESH} + :n) * 10 + 7) * 1000"]
        head += [
            "\\set fresh_high :fresh_high + random(0, 999)",
            "\\set fresh_low random(8000000000000000, 8999000000000000)",
        ]
        return "\n".join([*head, *self.lines, *self.statements, ""])

    def add(self, sent: Sent, types: Sequence[str]) -> None:
        """Parameters: types, of the statement's parameters as the server knows them."""
        bound = [self._bound(value, kind) for value, kind in zip(sent.args, types, strict=True)]
        sql = _MARK.sub(lambda mark: bound[int(mark[1]) - 1], sent.sql) if bound else sent.sql
        self.statements.append(sql.strip().rstrip(";") + ";")

    def _bound(self, value: Any, kind: str) -> str:
        if value is None:
            return f"null::{kind}"
        if isinstance(value, bytes) and value in self.vary.hashes:
            return f"({self.vary.hashes[value]})"
        pieces = _joined(self._pieces(value, kind))
        if len(pieces) == 1 and isinstance(pieces[0], str):
            return self._define(pieces[0])
        parts = [f"{self._define(piece)}::text" if isinstance(piece, str) else piece.sql for piece in pieces]
        return f"({' || '.join(parts)})::{kind}"

    def _define(self, text: str) -> str:
        if not text:
            return "''"  # pgbench takes no empty value
        for name, known in self.defines.items():
            if known == text:
                return f":{name}"
        name = f"c{len(self.defines)}"
        self.defines[name] = text
        return f":{name}"

    def _pieces(self, value: Any, kind: str) -> list[Piece]:
        """The value as PostgreSQL reads it from text."""
        match value:
            case list() | tuple():
                return self._array(value, kind.removesuffix("[]"))
            case bool():
                return ["t" if value else "f"]
            case bytes() | bytearray() | memoryview():
                return ["\\x" + bytes(value).hex()]
            case datetime() | date():
                return [value.isoformat()]
            case UUID():
                return [self._id(value, "" if kind == "uuid" else "::uuid::text")]
            case str():
                return self._words(value)
            case _:
                return [str(value)]

    def _array(self, values: Sequence[Any], kind: str) -> list[Piece]:
        found: list[Piece] = ["{"]
        for place, value in enumerate(values):
            found.append("," if place else "")
            if value is None:
                found.append("NULL")
                continue
            found.append('"')
            for piece in self._pieces(value, kind):
                found.append(_quoted(piece) if isinstance(piece, str) else piece)
            found.append('"')
        return [*found, "}"]

    def _words(self, text: str) -> list[Piece]:
        """A text whose ids and numbers follow the variables, wherever they stand in it."""
        if text in self.vary.texts:
            return [Expr(self.vary.texts[text])]
        found: list[Piece] = []
        end = 0
        for match in sorted([*_UUID.finditer(text), *_NUMBER.finditer(text)], key=lambda one: one.start()):
            found.append(text[end : match.start()])
            name = match[0]
            found.append(self._id(UUID(name), "::uuid::text") if len(name) == 36 else self._number(name))
            end = match.end()
        return [*found, text[end:]]

    def _id(self, value: UUID, cast: str) -> Piece:
        if value not in self._ids:
            self._ids[value] = self._new_id(value)
        plain = self._ids[value]
        return Expr(f"({plain.sql}){cast}") if cast else plain

    def _new_id(self, value: UUID) -> Expr:
        found = ids.named(value)
        if found is None:
            name = f"i{len(self._ids)}"
            self.lines.append(f"\\set {name} :fresh_low + {_FRESH_STEP * (len(self._ids) + 1)}")
            return Expr(f"'0' || :fresh_high::text || :{name}::text")
        kind, _ = found
        return Expr(self._known(kind))

    def _known(self, kind: Kind) -> str:
        number = self.vary.numbers.get(kind.name)
        if number is None:
            raise NotComputable(f"a statement was sent the id of a {kind.name}, which another statement answered")
        self.lines.append(f"\\set {kind.name}_high {kind.high(number)}")
        self.lines.append(f"\\set {kind.name}_low {kind.low(number)}")
        return f"'0' || :{kind.name}_high::text || :{kind.name}_low::text"

    def _number(self, text: str) -> Expr:
        known = self.vary.texts.get(text)
        if known is not None:
            return Expr(known)
        if text not in self._numbers:
            name = f"no{len(self._numbers)}"
            turn = f"permute(:client_id * 1000000 + :n, {_FRESH_NUMBERS}, {len(self._numbers) + 1})"
            self.lines.append(f"\\set {name} 10000000 + {turn}")
            self._numbers[text] = Expr(f"'{text[:9]}' || :{name}::text")
        return self._numbers[text]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of fixed text as one."""
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return found or [""]


async def translate(bench: Server, database: str, sent: Sequence[Sent], vary: Vary) -> Script:
    """The script for what one request sent. Raises NotComputable."""
    script = Script(vary)
    async with bench.owner(database) as owner:
        for place, one in enumerate(sent):
            types: list[str] = []
            if one.args:
                await owner.execute(f"prepare bench_{place} as {one.sql}")
                types = await owner.fetchval(
                    "select parameter_types::text[] from pg_prepared_statements where name = $1", f"bench_{place}"
                )
            script.add(one, types)
    return script


@dataclass(frozen=True, slots=True)
class Ran:
    """What pgbench says. done: transactions; tps: of them a second, without connecting; ms: mean latency."""

    done: int
    tps: float
    ms: float


def run(
    bench: Server,
    database: str,
    script: str,
    *,
    seconds: int = 20,
    clients: int = 16,
    each: int | None = None,
    defines: Mapping[str, str] | None = None,
    role: str | None = "liuhen_app",
) -> Ran:
    """pgbench -M prepared -n -j 2. Parameters: each, transactions of each client instead of seconds.

    Raises AssertionError when a transaction failed.
    """
    command = [bench.program("pgbench"), "-M", "prepared", "-n", "-c", str(clients), "-j", "2", "-f", "-"]
    command += ["-t", str(each)] if each else ["-T", str(seconds)]
    for name, value in {"n": "0", **(defines or {})}.items():
        command += ["-D", f"{name}={value}"]
    environ = bench.environment(database, role)
    done = subprocess.run(command, input=script, env=environ, capture_output=True, text=True, check=False)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode != 0 or (failed and failed[1] != "0"):
        raise AssertionError(f"pgbench failed ({done.returncode}): {done.stderr[-3000:]} {done.stdout[-500:]}")
    return Ran(
        int(_found(r"transactions actually processed: (\d+)", done.stdout)),
        float(_found(r"tps = ([\d.]+) \(without", done.stdout)),
        float(_found(r"latency average = ([\d.]+) ms", done.stdout)),
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise AssertionError(f"pgbench said something else: {text[-500:]}")
    return match[1]
