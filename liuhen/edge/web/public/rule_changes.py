"""What differs between two versions, as a page prints it: values with reasons, clauses whose words differ."""

from dataclasses import dataclass

from liuhen.edge.web.public import rule_words as words
from liuhen.edge.web.public.rule_print import Article, amount, chapters_of
from liuhen.edge.web.translate import translate
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.rulebook_diff import diff


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """One value that differs. gains: who is better off; why: the reason that was published, or empty."""

    name: str
    label: str
    old: str
    new: str
    gains: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class ChangedClause:
    """One clause whose words differ. rows: (term, before, after), only those that differ; the title first."""

    id: str
    number: str
    title: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """From `old` to `new`. same: how many clauses read the same in both."""

    values: tuple[ChangedValue, ...]
    clauses: tuple[ChangedClause, ...]
    sources: tuple[str, ...]
    same: int


def changes_of(old: Rulebook, new: Rulebook, lang: str) -> Changes:
    """All that differs, in words of `lang`."""
    change = diff(old, new)
    before = [article for chapter in chapters_of(old, lang) for article in chapter.articles]
    after = [article for chapter in chapters_of(new, lang) for article in chapter.articles]
    pairs = zip(before, after, strict=True)  # clauses are one list for all versions: what differs are its values
    clauses = tuple(_clause(was, now, lang) for was, now in pairs if (was.title, was.rows) != (now.title, now.rows))
    return Changes(
        values=tuple(
            ChangedValue(
                name=one.name,
                label=translate(lang, words.VALUES[one.name]),
                old=amount(one.name, one.old, lang),
                new=amount(one.name, one.new, lang),
                gains=translate(lang, words.GAINS[one.gains]),
                why="" if one.why is None else (one.why.en if lang == "en" else one.why.zh),
                source=(new.params[one.name].source_en if lang == "en" else "") or new.params[one.name].source,
            )
            for one in change.values
        ),
        clauses=clauses,
        sources=tuple(translate(lang, words.VALUES[name]) for name in change.sources),
        same=len(after) - len(clauses),
    )


def _clause(was: Article, now: Article, lang: str) -> ChangedClause:
    rows = [(translate(lang, words.SAYS), was.title, now.title)] if was.title != now.title else []
    rows += [
        (term, answer, new_answer)
        for (term, answer), (_, new_answer) in zip(was.rows, now.rows, strict=True)
        if answer != new_answer
    ]
    return ChangedClause(now.id, now.number, now.title, tuple(rows))
