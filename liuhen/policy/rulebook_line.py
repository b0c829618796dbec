"""The life of a version, and the line of all versions (平台规则办法 10-15): comment, publication, in force, past."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from liuhen.base.errors import InvalidInput
from liuhen.policy.facts.standing import Side
from liuhen.policy.rulebook import Rulebook, Words, in_force
from liuhen.policy.rulebook_diff import diff

NOTICE = timedelta(days=7)  # 平台规则办法 12(1), 电商法 34(1)
NOTICE_WEIGHTY = timedelta(days=15)  # 平台规则办法 12(2); its three grounds are read as "any of them", the strict way
COMMENT = timedelta(days=7)  # 平台规则办法 10 asks for "the time it takes"; the house never gives less than the notice
COMMENT_WEIGHTY = timedelta(days=15)
MANY_CHANGES = 3  # more changed values than this make a version weighty
MAX_WORDS = 600  # characters of a reason: it is read on a phone
MAX_VERSIONS = 500
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Stage(StrEnum):
    """Where a version stands at a moment."""

    PLANNED = "planned"  # not public yet
    COMMENT = "comment"  # the public is heard
    WEIGHED = "weighed"  # comments are closed and weighed, not published yet
    ANNOUNCED = "announced"  # published, not yet in force
    IN_FORCE = "in_force"
    PAST = "past"


SHOWN = frozenset(Stage) - {Stage.PLANNED}
OPEN_TO_WORDS = frozenset({Stage.COMMENT, Stage.ANNOUNCED})  # comments proper, and what is noticed afterwards


def stage_of(book: Rulebook, books: Iterable[Rulebook], at: datetime) -> Stage:
    """The stage of one version of the line `books` at `at` (aware UTC)."""
    if not book.draft and book.published_at <= at:
        if book.effective_from > at:
            return Stage.ANNOUNCED
        return Stage.IN_FORCE if in_force(books, at).version == book.version else Stage.PAST
    if book.comment_from is None or at < book.comment_from:
        return Stage.PLANNED
    return Stage.COMMENT if book.comment_until is not None and at < book.comment_until else Stage.WEIGHED


def shown(books: Iterable[Rulebook], at: datetime) -> tuple[Rulebook, ...]:
    """The versions that anybody may read at `at`, oldest first. None ever leaves (平台规则办法 15 asks for 3 years)."""
    line = sorted(books, key=_start)
    return tuple(book for book in line if stage_of(book, line, at) in SHOWN)


def to_come(books: Iterable[Rulebook], at: datetime) -> tuple[tuple[Rulebook, Stage], ...]:
    """What the front page announces at `at`: versions open to comment, being weighed or published ahead."""
    line = tuple(books)
    staged = [(book, stage_of(book, line, at)) for book in shown(line, at)]
    return tuple(pair for pair in staged if pair[1] in (Stage.COMMENT, Stage.WEIGHED, Stage.ANNOUNCED))


def follows(book: Rulebook, books: Iterable[Rulebook]) -> Rulebook | None:
    """The version that `book` changes: the one, no draft, that takes effect last before it. None for the first."""
    earlier = [one for one in books if not one.draft and one.effective_from < book.effective_from]
    return max(earlier, key=_start, default=None)


def check_line(books: Iterable[Rulebook]) -> tuple[Rulebook, ...]:
    """The versions in order of effect, after every rule about publication has been checked.

    Raises InvalidInput, with the version, for: no version at all or more than 500; a name or an effective date twice;
    published less than 7 days before it takes effect (15 where weighty); comments missing, shorter than 7 (15) days or
    still open when it is published; more than three changed values or a change against buyers in a version that is
    not marked weighty; a weighty version without a transition note; a changed value without a reason in both
    languages, or a reason for a value that did not change; published before the version it follows. Changes that only
    favour buyers keep the same days: nobody has to argue what a favour is.
    """
    line = tuple(sorted(books, key=_start))
    if not 1 <= len(line) <= MAX_VERSIONS:
        raise InvalidInput("a line has from 1 to 500 versions", count=len(line))
    if all(book.draft for book in line):
        raise InvalidInput("a line needs a version that is no draft")
    names = [book.version for book in line]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput("two versions have the same name", version=name)
    starts = [book.effective_from for book in line if not book.draft]
    for book in line:
        if not book.draft and starts.count(book.effective_from) > 1:
            raise InvalidInput("two versions take effect at once", version=book.version)
        _check_dates(book)
        _check_after(follows(book, line), book)
    return line


def check_kept(listed: Mapping[str, str], found: Mapping[str, str], books: Sequence[Rulebook]) -> None:
    """No published version was edited or lost. Raises InvalidInput.

    Parameters: listed, version -> sha256 of its file as data/rulebook/versions.toml keeps it since publication; found,
    version -> sha256 of the file that lies there now; books, all versions. A draft is not listed: it may still change.
    """
    drafts = {book.version for book in books if book.draft}
    for version, kept in listed.items():
        if not isinstance(kept, str) or not _SHA256.fullmatch(kept):
            raise InvalidInput("versions.toml lists a sha256 in small letters for each version", version=version)
        if version not in found:
            raise InvalidInput("a published version is gone; every version is kept", version=version)
        if version in drafts:
            raise InvalidInput("a listed version is published and cannot be a draft again", version=version)
        if found[version] != kept:
            raise InvalidInput(
                "a published version was edited; put it back and publish a new one (docs/operate.md)",
                version=version,
                listed=kept,
                found=found[version],
            )
    for book in books:
        if not book.draft and book.version not in listed:
            raise InvalidInput(
                "a version is published when versions.toml lists it: add this line, or mark the file as a draft",
                line=f'"{book.version}" = "{found[book.version]}"',
            )


def _start(book: Rulebook) -> datetime:
    return book.effective_from


def _check_dates(book: Rulebook) -> None:
    notice = NOTICE_WEIGHTY if book.weighty else NOTICE
    if book.effective_from < book.published_at + notice:
        raise InvalidInput(
            "a version is published at least so many days before it takes effect",
            version=book.version,
            days=notice.days,
            published_at=book.published_at.isoformat(),
            effective_from=book.effective_from.isoformat(),
        )
    if book.comment_from is None or book.comment_until is None:
        raise InvalidInput("a version is open to comment before it is published", version=book.version)
    least = COMMENT_WEIGHTY if book.weighty else COMMENT
    if book.comment_until < book.comment_from + least:
        raise InvalidInput("the time for comments is too short", version=book.version, days=least.days)
    if book.comment_until > book.published_at:
        raise InvalidInput("a version is published after comments have closed", version=book.version)
    if book.weighty and book.transition is None:
        raise InvalidInput("a weighty version says how the change is eased in", version=book.version)
    notes = [("transition", book.transition), ("heard", book.heard)]
    for name, words in [*book.changes.items(), *((name, words) for name, words in notes if words is not None)]:
        _check_words(book, name, words)


def _check_words(book: Rulebook, name: str, words: Words) -> None:
    for text in (words.zh, words.en):
        if not text.strip() or len(text) > MAX_WORDS or not text.isprintable():
            raise InvalidInput(
                "a reason is one short paragraph in each language", version=book.version, name=name, most=MAX_WORDS
            )


def _check_after(previous: Rulebook | None, book: Rulebook) -> None:
    """What a version owes to the one it follows: a reason for each change, and an order in time."""
    if previous is None:
        if book.changes:
            raise InvalidInput("the first version changes nothing", version=book.version)
        return
    if book.published_at < previous.published_at:
        raise InvalidInput("a version is published after the one it follows", version=book.version)
    changed = diff(previous, book).values
    names = {change.name for change in changed}
    if names != book.changes.keys():
        raise InvalidInput(
            "each changed value has its reason, and no other",
            version=book.version,
            without_reason=sorted(names - book.changes.keys()),
            not_changed=sorted(book.changes.keys() - names),
        )
    against = sorted(change.name for change in changed if change.gains is Side.SELLER)
    if not book.weighty and (len(changed) > MANY_CHANGES or against):
        raise InvalidInput(
            "many changes, or one against buyers, make a version weighty",
            version=book.version,
            changes=len(changed),
            against_buyers=against,
        )
