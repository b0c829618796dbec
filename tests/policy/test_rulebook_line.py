"""The life of a version: what may be published, when, and that every instant has exactly one version in force."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from liuhen.base.errors import InvalidInput
from liuhen.policy.facts.standing import Side
from liuhen.policy.rulebook import REQUIRED, Limit, Param, Rulebook, Words, in_force, rulebook_of
from liuhen.policy.rulebook_diff import diff, gains
from liuhen.policy.rulebook_line import Stage, check_kept, check_line, shown, stage_of, to_come

DATA = Path(__file__).resolve().parents[2] / "liuhen" / "data" / "rulebook"
DAY = timedelta(days=1)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
WHY = Words(zh="因为", en="because")


def dated(book: Rulebook, start: datetime, notice: int = 30, comment: int = 20) -> Rulebook:
    """A version with a well-formed calendar that ends with `start`."""
    published = start - notice * DAY
    return replace(
        book,
        version=f"{start.year}-{start.month:02}-{start.day}",
        effective_from=start,
        published_at=published,
        comment_from=published - comment * DAY,
        comment_until=published,
    )


def valued(book: Rulebook, **values: int) -> Rulebook:
    """Other values, each with its reason."""
    params = {name: replace(book.params[name], value=value) for name, value in values.items()}
    return replace(book, params=book.params | params, changes=dict.fromkeys(values, WHY))


BASE = Rulebook(
    version="2026-11-1",
    effective_from=NEW_YEAR,
    published_at=NEW_YEAR,
    params={name: Param(value=limit.least, unit=limit.unit, source="test") for name, limit in REQUIRED.items()},
)
FIRST = dated(BASE, NEW_YEAR - 60 * DAY)
SECOND = valued(dated(BASE, NEW_YEAR), instant_window=172_800)


def test_a_good_line_passes_in_order() -> None:
    assert check_line([SECOND, FIRST]) == (FIRST, SECOND)


BAD: dict[str, Callable[[], list[Rulebook]]] = {
    "none": lambda: [],
    "only drafts": lambda: [replace(FIRST, draft=True)],
    "six days": lambda: [FIRST, dated(SECOND, NEW_YEAR, notice=6)],
    "weighty in fourteen days": lambda: [
        FIRST,
        replace(dated(SECOND, NEW_YEAR, notice=14), weighty=True, transition=WHY),
    ],
    "a favour in six days": lambda: [FIRST, dated(SECOND, NEW_YEAR, notice=6)],
    "no comments": lambda: [FIRST, replace(SECOND, comment_from=None)],
    "comments without an end": lambda: [FIRST, replace(SECOND, comment_until=None)],
    "six days of comments": lambda: [FIRST, dated(SECOND, NEW_YEAR, comment=6)],
    "fourteen days of comments on a weighty one": lambda: [
        FIRST,
        replace(dated(SECOND, NEW_YEAR, comment=14), weighty=True, transition=WHY),
    ],
    "published while comments are open": lambda: [
        FIRST,
        replace(SECOND, comment_until=SECOND.published_at + timedelta(seconds=1)),
    ],
    "comments run backwards": lambda: [FIRST, replace(SECOND, comment_until=SECOND.published_at - 40 * DAY)],
    "one date twice": lambda: [FIRST, SECOND, replace(SECOND, version="2027-01-2", changes={})],
    "one name twice": lambda: [FIRST, replace(SECOND, version=FIRST.version)],
    "weighty without a transition": lambda: [FIRST, replace(SECOND, weighty=True)],
    "a change without a reason": lambda: [FIRST, replace(SECOND, changes={})],
    "a reason without a change": lambda: [FIRST, replace(SECOND, changes=SECOND.changes | {"review_days": WHY})],
    "the first one gives reasons": lambda: [SECOND],
    "an empty reason": lambda: [FIRST, replace(SECOND, changes={"instant_window": Words(zh="好", en=" ")})],
    "a novel as a reason": lambda: [FIRST, replace(SECOND, changes={"instant_window": Words(zh="好" * 601, en="x")})],
    "markup across lines": lambda: [FIRST, replace(SECOND, changes={"instant_window": Words(zh="好\n", en="x")})],
    "against buyers and not weighty": lambda: [FIRST, valued(dated(BASE, NEW_YEAR), grace_by_hand=3_600)],
    "four changes and not weighty": lambda: [
        FIRST,
        valued(dated(BASE, NEW_YEAR), instant_window=172_800, review_days=2, reservation=900, escrow_release=691_200),
    ],
    "published before the one it follows": lambda: [
        FIRST,
        replace(dated(SECOND, NEW_YEAR, notice=95)),
    ],
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_line(BAD[name]())


def test_a_weighty_version_with_its_calendar_passes() -> None:
    weighty = replace(valued(dated(BASE, NEW_YEAR), grace_by_hand=3_600), weighty=True, transition=WHY)
    assert check_line([FIRST, weighty])[1].weighty


@pytest.mark.parametrize("name", REQUIRED)
def test_a_value_outside_its_limits_is_refused(name: str) -> None:
    limit = REQUIRED[name]
    for value, good in ((limit.least, True), (limit.most, True), (limit.least - 1, False), (limit.most + 1, False)):
        table = {
            "version": "2027-01-1",
            "published_at": NEW_YEAR,
            "effective_from": NEW_YEAR,
            "params": {n: {"value": p.value, "unit": p.unit, "source": p.source} for n, p in BASE.params.items()},
        }
        table["params"][name]["value"] = value  # type: ignore[index]
        if good:
            assert rulebook_of(table).value(name) == value
        else:
            with pytest.raises(InvalidInput) as refused:
                rulebook_of(table)
            assert refused.value.data["why"] == limit.why


def test_limits_are_limits() -> None:
    for name, limit in REQUIRED.items():
        assert 0 <= limit.least <= limit.most and limit.why.strip(), name
        assert limit.before is None or limit.least <= limit.before <= limit.most, name
        assert limit.unit != "switch" or (limit.least, limit.most) in ((0, 1), (1, 1)), name


def test_a_name_that_came_later_needs_no_edit_of_an_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    table = tomllib.loads((DATA / "2026-11-1.toml").read_text())
    monkeypatch.setitem(REQUIRED, "came_later", Limit("seconds", 0, 100, "test", Side.BUYER, 60))
    book = rulebook_of(table)
    assert book.value("came_later") == 60 and book.params["came_later"].source
    monkeypatch.setitem(REQUIRED, "came_later", Limit("seconds", 0, 100, "test"))
    with pytest.raises(InvalidInput):
        rulebook_of(table)


@pytest.mark.parametrize("field", ["weigthy", "note"])
def test_a_misspelt_field_is_not_ignored(field: str) -> None:
    table: dict[str, Any] = tomllib.loads((DATA / "2026-11-1.toml").read_text())
    with pytest.raises(InvalidInput):
        rulebook_of(table | {field: True})
    with pytest.raises(InvalidInput):
        rulebook_of(table | {"version": "../../etc"})


def test_the_stages_of_a_version() -> None:
    line = check_line([FIRST, SECOND])
    published = NEW_YEAR - 30 * DAY
    expected = [
        (published - 21 * DAY, Stage.PLANNED),
        (published - 20 * DAY, Stage.COMMENT),
        (published - timedelta(seconds=1), Stage.COMMENT),
        (published, Stage.ANNOUNCED),
        (NEW_YEAR - timedelta(seconds=1), Stage.ANNOUNCED),
        (NEW_YEAR, Stage.IN_FORCE),
    ]
    for at, stage in expected:
        assert stage_of(SECOND, line, at) is stage, at
    assert stage_of(FIRST, line, NEW_YEAR) is Stage.PAST
    assert shown(line, published - 21 * DAY) == (FIRST,)
    assert to_come(line, published) == ((SECOND, Stage.ANNOUNCED),)
    assert to_come(line, NEW_YEAR) == ()


def test_a_draft_is_heard_and_never_in_force() -> None:
    early = replace(SECOND, draft=True, comment_until=SECOND.published_at - DAY)
    line = check_line([FIRST, early])
    assert stage_of(early, line, early.published_at - 2 * DAY) is Stage.COMMENT
    assert stage_of(early, line, early.published_at) is Stage.WEIGHED
    assert stage_of(early, line, NEW_YEAR + 90 * DAY) is Stage.WEIGHED
    assert in_force(line, NEW_YEAR + 90 * DAY) == FIRST


steps = st.lists(
    st.tuples(
        st.integers(1, 200),  # days after the one before
        st.integers(0, 40),  # days of notice
        st.integers(0, 40),  # days of comment
        st.booleans(),
        st.booleans(),
        st.integers(86_400, 2_592_000),
    ),
    min_size=1,
    max_size=6,
)


@given(steps, st.lists(st.integers(-400, 1_500), min_size=1, max_size=20))
def test_whatever_passes_has_one_version_in_force_at_every_instant(
    plan: list[tuple[int, int, int, bool, bool, int]], days: list[int]
) -> None:
    line, start, last = [FIRST], FIRST.effective_from, FIRST
    for gap, notice, comment, weighty, draft, window in plan:
        start += gap * DAY
        book = replace(dated(BASE, start, notice, comment), weighty=weighty, draft=draft)
        changed = {} if window == last.value("instant_window") else {"instant_window": window}
        book = replace(valued(book, **changed), transition=WHY if weighty else None)
        line.append(book)
        last = last if draft else book
    try:
        checked = check_line(line)
    except InvalidInput:
        return
    for day in days:
        at = FIRST.effective_from + day * DAY
        standing = [book for book in checked if stage_of(book, checked, at) is Stage.IN_FORCE]
        if day < 0:
            assert standing == []
            continue
        assert standing == [in_force(checked, at)]
        (book,) = standing
        assert not book.draft and book.published_at + 7 * DAY <= book.effective_from <= at
        assert book.comment_until is not None and book.comment_until <= book.published_at


def test_what_was_published_stays_as_it_was() -> None:
    books = [FIRST, SECOND]
    kept = {FIRST.version: "a" * 64, SECOND.version: "b" * 64}
    check_kept(kept, kept, books)
    for listed, found, line in (
        ({FIRST.version: "a" * 64}, kept, books),  # published but not listed
        (kept, kept | {FIRST.version: "c" * 64}, books),  # edited
        (kept, {FIRST.version: "a" * 64}, books[:1]),  # gone
        (kept, kept, [FIRST, replace(SECOND, draft=True)]),  # taken back
        (kept | {"2027-01-9": "nonsense"}, kept, books),
    ):
        with pytest.raises(InvalidInput):
            check_kept(listed, found, line)
    check_kept({FIRST.version: "a" * 64}, kept, [FIRST, replace(SECOND, draft=True)])


def test_the_difference_says_who_gains() -> None:
    change = diff(FIRST, SECOND)
    (only,) = change.values
    assert (only.name, only.unit, only.old, only.new) == ("instant_window", "seconds", 86_400, 172_800)
    assert only.gains is Side.BUYER and only.why == WHY and not change.empty
    back = diff(SECOND, FIRST).values[0]
    assert (back.old, back.new, back.gains, back.why) == (172_800, 86_400, Side.SELLER, None)
    assert diff(FIRST, FIRST).empty
    assert gains("review_days", 3, 2) is Side.NOBODY
    reworded = replace(FIRST, params=FIRST.params | {"reservation": replace(FIRST.params["reservation"], source="x")})
    assert diff(FIRST, reworded).sources == ("reservation",)
