"""How much a formula gives, in general: the term of clauses/amounts.py as lines for a page, in Chinese and English."""

from collections.abc import Mapping

from liuhen.policy.clauses.amounts import FORMULAS, NOTHING, WHOLE
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.expr import (
    And,
    Choose,
    Const,
    Expr,
    Given,
    Least,
    Minus,
    Most,
    Param,
    Plus,
    Share,
    Term,
    Times,
    children,
)
from liuhen.policy.formula import of_all
from liuhen.policy.sentence import Line, begun, condition, number_text, term_text, unit_of
from liuhen.policy.words.nodes import FIGURES


def amount_words(amount: Amount, lang: str, values: Mapping[str, int]) -> Line:
    """How much, in general: one line, or lines of which the first that fits counts. A part that is itself a choice, or
    comes twice, gets a letter and is told below.

    Parameters: lang, zh or en; values, the rulebook's. An open amount says its least and its most. Raises InvalidInput
    as `sentence.condition` does.
    """
    low, high = FORMULAS[amount]
    general = _General(lang, values, (low,) if low == high else (low, high))
    if low == high:
        lines = general.whole(low)
    else:
        words = FIGURES[lang]
        ends = general.whole(low), general.whole(high)
        told = [
            Line(words[word].replace("{x}", end[0].text), end[0].parts) for word, end in zip(_ENDS, ends, strict=True)
        ]
        lines = [*told, *dict.fromkeys((*ends[0][1:], *ends[1][1:]))]
    lines += general.defined()
    return begun(lines[0] if len(lines) == 1 else Line(FIGURES[lang]["steps"], tuple(lines)))


_ENDS = ("least", "most")


class _General:
    """Amounts in general with as few brackets as it takes. What is bounded twice is bounded once."""

    def __init__(self, lang: str, values: Mapping[str, int], terms: tuple[Term, ...]) -> None:
        self.lang = lang
        self.values = values
        self.words = FIGURES[lang]
        self.often = _twice(terms)
        self.letters: dict[Term, str] = {}
        self.told: set[Term] = set()

    def whole(self, term: Term) -> list[Line]:
        """The amount, and where it is held to what was asked for, a second line that says so."""
        limited = _limited(term)
        if limited is None:
            return [self.cases(term)]
        inner, limit = limited
        asked, most = condition(Given(_ASKED), self.lang, self.values).text, self.line_of(limit)
        cap = self.words["capped"].replace("{test}", asked).replace("{x}", most.text)
        return [self.line_of(inner), Line(cap, most.parts)]

    def line_of(self, term: Term) -> Line:
        return Line(self.line(term)) if term in self.often else self.cases(term)

    def cases(self, term: Term) -> Line:
        """A choice as a list; the last of it is what holds otherwise."""
        if not isinstance(term, Choose):
            return Line(self.line(term))
        lines: list[Line] = []
        rest: Term = term
        while isinstance(rest, Choose) and (rest is term or rest not in self.often):
            lines.append(self._case(rest.test, self.line(rest.then)))
            rest = rest.otherwise
        lines.append(Line(self.words["else"].replace("{x}", self.line(rest))))
        return Line(self.words["first"], tuple(lines))

    def _case(self, tree: Expr, amount: str) -> Line:
        test = condition(tree, self.lang, self.values)
        if not test.parts:
            text = test.text if self.lang == "zh" else test.text[:1].lower() + test.text[1:]
            return Line(self.words["if_one"].replace("{x}", amount).replace("{test}", text))
        listed = test.parts if isinstance(tree, And) and len(test.parts) > 1 else (test,)
        return Line(self.words["if"].replace("{x}", amount), listed)

    def defined(self) -> list[Line]:
        """What each letter stands for; telling one may need another."""
        lines: list[Line] = []
        while open_ := [term for term in self.letters if term not in self.told]:
            for term in open_:
                self.told.add(term)
                told = self.cases(term)
                lines.append(Line(self.words["where"].replace("{x}", self.letters[term]) + told.text, told.parts))
        return lines

    def line(self, term: Term) -> str:
        match term:
            case Most((Least((head, *rest)), floor)) if head == WHOLE and floor == NOTHING:
                inner = [one for one in map(_unbounded, rest) if one != WHOLE]
                text = self.words["and"].join(self.part(one, 0 if len(inner) == 1 else 2) for one in inner)
                if len(inner) > 1:
                    text = self.words["smaller"].replace("{x}", text)
                text = self.words["within"].replace("{x}", text)
            case _:
                text = self.part(term, 0)
        return text.replace(" （", "（").replace("） ", "）")

    def part(self, term: Term, level: int) -> str:
        """level: 0 where a sum may stand, 1 where a product may, 2 where neither may."""
        match term:
            case Choose():
                return self.letters.setdefault(term, self.words["letters"][len(self.letters)])
            case Minus(left, right) if right == NOTHING:
                return self.part(left, level)
            case Plus(left, right) | Minus(left, right):
                mark = " + " if isinstance(term, Plus) else " − "
                return self._held(self._side(left, right, 0) + mark + self._side(right, left, 1), level > 0)
            case Times(left, right):
                return self._held(f"{self.part(left, 1)} × {self.part(right, 2)}", level > 1)
            case Share(of, Param() as part, Const(1000)):
                return self._held(f"{self.part(of, 1)} × {term_text(part, self.lang, self.values)}", level > 1)
            case Share(of, part, whole):
                text = f"{self.part(of, 1)} × {self._side(part, whole, 2)}"
                if not of_all(part, whole):
                    text += f" ÷ {self._side(whole, part, 2)}"
                return self._held(text, level > 1)
            case Most((Least((head, inner)), floor)) if head == WHOLE and floor == NOTHING:
                return self.part(inner, level)
            case _:
                return term_text(term, self.lang, self.values)

    def _side(self, term: Term, other: Term, level: int) -> str:
        """A bare number counts what stands on the other side."""
        if isinstance(term, Const):
            return number_text(int(term.value), unit_of(other), self.lang)
        return self.part(term, level)

    def _held(self, text: str, needed: bool) -> str:
        return f"{self.words['open']}{text}{self.words['close']}" if needed else text


_ASKED = "claim.asked_fen"


def _limited(term: Term) -> tuple[Term, Term] | None:
    """(amount, limit) of an amount that is the same with and without a limit by what was asked for."""
    match term:
        case Choose(Given(path), Most((Least((head, inner, limit)), floor)), otherwise):
            if path == _ASKED and head == WHOLE and floor == NOTHING and inner == otherwise:
                return inner, limit
    return None


def _twice(terms: tuple[Term, ...]) -> set[Term]:
    """The choices that are needed more than once to tell these amounts; what stands inside one is told with it."""
    seen: set[Term] = set()
    again: set[Term] = set()

    def look(term: Term) -> None:
        limited = _limited(term)
        if limited is not None:  # the same with and without the limit: told once
            look(limited[0])
            look(limited[1])
            return
        if isinstance(term, Choose):
            if term in seen:
                again.add(term)
                return
            seen.add(term)
        for below in children(term):
            if not isinstance(below, Expr):
                look(below)

    for term in terms:
        look(term)
    return again


def _unbounded(term: Term) -> Term:
    """Bounds within the same bounds say nothing more."""
    match term:
        case Most((Least((head, inner)), floor)) if head == WHOLE and floor == NOTHING:
            return inner
        case _:
            return term
