"""A version of the rules in words: values with their limits and sources, clauses by layer, and a search in them."""

from collections.abc import Iterator
from dataclasses import dataclass

from liuhen.edge.web import wording
from liuhen.edge.web.public import rule_words as words
from liuhen.edge.web.translate import translate
from liuhen.policy import explain
from liuhen.policy.amount_words import amount_words
from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS, PRECEDENCE
from liuhen.policy.expr import refs
from liuhen.policy.facts.standing import Side
from liuhen.policy.law import cite_text
from liuhen.policy.rulebook import REQUIRED, Rulebook
from liuhen.policy.rulebook_diff import values_used
from liuhen.policy.sentence import Line, condition

_USED = {clause.id: values_used(clause) for clause in CLAUSES}
_SERVES = {one.id: tuple(NUMBERS[other.id] for other in CLAUSES if one.id in refs(other.when)) for one in CLAUSES}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the rulebook. limits: between what it may lie; source: where it comes from, as the data says."""

    name: str
    label: str
    text: str
    limits: str
    source: str
    contested: bool

    @property
    def searched(self) -> str:
        return " ".join((self.name, self.label, self.text, self.source)).casefold()


@dataclass(frozen=True, slots=True)
class Article:
    """One clause as printed. number: its place on the page; id never changes. rows: (term, answer). condition: when
    it holds, in full, made from the tree that decides; money: how much then, made from the very formula, or None."""

    id: str
    number: str
    title: str
    decides: bool
    rows: tuple[tuple[str, str], ...]
    cites: tuple[str, ...]
    condition: Line
    money: Line | None

    @property
    def searched(self) -> str:
        rows = (part for row in self.rows for part in row)
        told = (line.text for line, _ in lines_of(self.condition))
        return " ".join((self.id, self.number, self.title, *rows, *self.cites, *told)).casefold()


@dataclass(frozen=True, slots=True)
class Chapter:
    """One layer of clauses. number: of the first part of its articles' numbers."""

    number: str
    title: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives: values and articles that hold all of its words."""

    words: str
    values: tuple[Value, ...]
    articles: tuple[Article, ...]

    @property
    def count(self) -> int:
        return len(self.values) + len(self.articles)


def values_of(book: Rulebook, lang: str) -> tuple[Value, ...]:
    """All values of a rulebook in words."""
    return tuple(
        Value(
            name=name,
            label=translate(lang, words.VALUES[name]),
            text=amount(name, param.value, lang),
            limits=_limits(name, lang),
            source=(param.source_en if lang == "en" else "") or param.source,
            contested=param.contested,
        )
        for name, param in book.params.items()
    )


def chapters_of(book: Rulebook, lang: str) -> tuple[Chapter, ...]:
    """All clauses, layer by layer, in the order in which they are read."""
    chapters = []
    for place, layer in enumerate(Layer, 1):
        articles = tuple(article_of(clause, book, lang) for clause in CLAUSES if clause.layer is layer)
        chapters.append(Chapter(str(place), translate(lang, words.LAYERS[layer]), articles))
    return tuple(chapters)


def minute_of(book: Rulebook, lang: str) -> tuple[str, ...]:
    """The rules in a minute, with this version's values."""
    blanks = {name: amount(name, param.value, lang) for name, param in book.params.items()}
    return tuple(translate(lang, sentence, **blanks) for sentence in words.MINUTE)


def order_of(book: Rulebook, lang: str) -> tuple[tuple[str, str, str], ...]:
    """(id, number, title) of the clauses that decide, the first that is met wins."""
    return tuple((id, NUMBERS[id], explain.title(id, lang, book.values, "other")) for id in PRECEDENCE)


def find(text: str, values: tuple[Value, ...], chapters: tuple[Chapter, ...]) -> Found:
    """What holds every word of `text` (at most 100 characters; 平台规则办法 9 asks for a search)."""
    asked = text.casefold().split()
    return Found(
        words=text,
        values=tuple(value for value in values if all(word in value.searched for word in asked)),
        articles=tuple(
            article for chapter in chapters for article in chapter.articles if all(w in article.searched for w in asked)
        ),
    )


def lines_of(line: Line, depth: int = 0) -> Iterator[tuple[Line, int]]:
    """A condition line by line, each with how deep it stands."""
    yield line, depth
    for part in line.parts:
        yield from lines_of(part, depth + 1)


def amount(name: str, value: int, lang: str) -> str:
    """A value with its unit: 24 小时, 3 个工作日, ¥98.00, 30%, or what a switch means."""
    match REQUIRED[name].unit:
        case "switch":
            return translate(lang, words.SWITCHES[name][1 if value else 0])
        case "workdays":
            return translate(lang, words.WORKDAYS, n=value)
        case "fen":
            return wording.money_text(value)
        case "permille":
            tenths = f".{value % 10}" if value % 10 else ""
            return translate(lang, words.NEVER if value > 1000 else words.PERCENT, n=f"{value // 10}{tenths}")
        case _:
            return explain.duration(value, lang)


def article_of(clause: Clause, book: Rulebook, lang: str) -> Article:
    """One clause in words, with this version's values."""
    decides = clause.effect is not None and clause.id in PRECEDENCE
    rows: list[tuple[str, str]] = []
    if clause.effect is not None and decides:
        rows += _effect_rows(clause.effect, book, lang)
    step = clause.effect.step.limit if clause.effect is not None and decides else ""
    used = [name for name in _USED[clause.id] if REQUIRED[name].unit != "switch" and name != step]
    if used:
        listed = [f"{translate(lang, words.VALUES[name])} {_value(book, name, lang)}" for name in used]
        rows.append((_term("values", lang), translate(lang, words.AND).join(listed)))
    if clause.burden in words.BURDENS:
        rows.append((_term("burden", lang), translate(lang, words.BURDENS[clause.burden])))
    if not decides:
        rows.append((_term("serves", lang), _serves(clause.id, lang)))
    return Article(
        id=clause.id,
        number=NUMBERS[clause.id],
        title=explain.title(clause.id, lang, book.values, "other"),
        decides=decides,
        rows=tuple(rows),
        cites=tuple(cite_text(cite, lang) for cite in clause.cites),
        condition=condition(clause.when, lang, book.values),
        money=_money(clause, book, lang) if decides else None,
    )


def _money(clause: Clause, book: Rulebook, lang: str) -> Line | None:
    """What comes back by this clause; None where nothing does."""
    if clause.effect is None or clause.effect.amount is Amount.NOTHING:
        return None
    return amount_words(clause.effect.amount, lang, book.values)


def _effect_rows(effect: Effect, book: Rulebook, lang: str) -> list[tuple[str, str]]:
    def say(msgid: str) -> str:
        return translate(lang, msgid)

    rows = [
        (
            _term("result", lang),
            say(words.RESULTS.get((effect.outcome.value, effect.step.kind.value), words.RESULT_ELSE)),
        )
    ]
    if effect.amount.value != "nothing":
        rows.append((_term("money", lang), say(words.AMOUNTS.get(effect.amount.value, words.AMOUNT_ELSE))))
        if effect.payer is not Side.NOBODY:
            rows.append((_term("payer", lang), say(words.PAYERS[effect.payer])))
    if len(effect.remedies) > 1:
        chosen = say(words.AND).join(say(words.REMEDIES[remedy.value]) for remedy in effect.remedies)
        rows.append((_term("choice", lang), chosen))
    rows.append((_term("decider", lang), say(words.DECIDERS[effect.decided_by])))
    if effect.step.limit:
        rows.append((_term("limit", lang), _value(book, effect.step.limit, lang)))
    if effect.step.on_expiry:
        rows.append((_term("expiry", lang), say(words.EXPIRIES[effect.step.on_expiry])))
    return rows


def _serves(id: str, lang: str) -> str:
    """The clauses that rest on this one."""
    if not _SERVES[id]:
        return translate(lang, words.SERVES_NONE)
    return translate(lang, words.SERVES, numbers=translate(lang, words.AND).join(_SERVES[id]))


def _term(key: str, lang: str) -> str:
    return translate(lang, words.TERMS[key])


def _value(book: Rulebook, name: str, lang: str) -> str:
    if name in book.params:
        return amount(name, book.value(name), lang)
    return translate(lang, words.VALUES[name])


def _limits(name: str, lang: str) -> str:
    limit = REQUIRED[name]
    if limit.unit in ("switch", "permille"):
        return ""
    if limit.least == 0:
        return translate(lang, words.AT_MOST, most=amount(name, limit.most, lang))
    least, most = amount(name, limit.least, lang), amount(name, limit.most, lang)
    return translate(lang, words.AT_LEAST_MOST, least=least, most=most)
