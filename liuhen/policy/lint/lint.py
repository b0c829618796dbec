"""The lint of seller terms: what a listing says against what the law lets it say and what its own fields promise.

It reads words and cannot understand them: what it does not find is not thereby lawful, and no decision on a refund
rests on it. A void term stays void whether it was found or not (消法 26(3), 民法典 497).
"""

from collections.abc import Iterator

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.policy.lint.finding import MAX_TEXT, MOST_FINDINGS, Code, Finding, Listing, Offer, Severity
from liuhen.policy.lint.offers import wording
from liuhen.policy.lint.packed import Packed, pack
from liuhen.policy.lint.terms import RULES, Rule, Softer, harmless
from liuhen.policy.lint.values import CITES as VALUE_CITES
from liuhen.policy.lint.values import compare

CITES = VALUE_CITES | {cite for rule in RULES for cite in rule.cites}
"""All articles that a finding may name."""
_BEFORE, _AFTER = 48, 48  # characters of the same sentence that a guard sees
_MANY = 400  # matches of one rule in one text that are looked at


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """A listing after one offer was taken: its texts, and the field to set, if any."""

    texts: dict[str, str]
    sets: tuple[str, int | bool] | None


def lint(listing: Listing) -> tuple[Finding, ...]:
    """What blocks first, then warnings; each in the order of the texts. At most MOST_FINDINGS.

    Raises InvalidInput for a text of more than MAX_TEXT characters; never for what it says.
    """
    found: list[Finding] = []
    for field, text in listing.texts.items():
        if len(text) > MAX_TEXT:
            raise InvalidInput("a text is too long to be read", fields={field: ("length", 0, MAX_TEXT)})
        if text:
            packed = pack(text)
            here = [*_terms(listing, field, packed), *compare(listing, field, packed)]
            found += sorted(here, key=lambda finding: (finding.start, finding.end))
    found.sort(key=lambda finding: finding.severity is not Severity.BLOCKS)  # stable: the order of the texts stays
    return tuple(found[:MOST_FINDINGS])


def blocks(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that keep a listing from being published."""
    return tuple(finding for finding in findings if finding.severity is Severity.BLOCKS)


def mend(listing: Listing, finding: Finding) -> Mended:
    """The listing's texts with this finding's offer taken. The finding must be of this listing as it is."""
    texts = dict(listing.texts)
    if finding.offer.text is not None:
        old = texts[finding.field]
        texts[finding.field] = _joined(old[: finding.start], finding.offer.text, old[finding.end :])
    return Mended(texts=texts, sets=finding.offer.sets)


def _joined(before: str, new: str, after: str) -> str:
    """A wording of its own sentence does not run into its neighbours; a gap does not leave two commas."""
    if not new:
        return before.rstrip("，,、 ") + after if after[:1] in "，,、。；;！!" else before + after
    gap = "" if not before or not before[-1].isalnum() or len(new) <= 8 else "，"
    more = "" if not after or not after[0].isalnum() or len(new) <= 8 else "，"
    return f"{before}{gap}{new}{more}{after}"


def _terms(listing: Listing, field: str, packed: Packed) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for rule in RULES:
        if rule.applies is not None and not rule.applies(listing):
            continue
        for number, match in enumerate(rule.pattern.finditer(packed.chars)):
            if number == _MANY:
                break
            start, end = match.span()
            if start == end or any(begin < end and start < stop for begin, stop in taken):
                continue
            core_start = match.start("core") if match.groupdict().get("core") else start
            code = _judged(rule, packed, start, core_start, end)
            if code is not None:
                taken.append((start, end))
                yield _finding(listing, rule, code, field, packed.span(start, end), packed.original)


def _judged(rule: Rule, packed: Packed, start: int, core_start: int, end: int) -> Code | None:
    """The code of a match, None where the sentence makes it harmless."""
    before_match, before_core = packed.before(start, _BEFORE), packed.before(core_start, _BEFORE)
    core, after = packed.chars[core_start:end], packed.after(end, _AFTER)
    if not harmless(rule, before_match, before_core, core, after):
        return rule.code
    bare = msgspec.structs.replace(rule, softer=Softer.NONE)
    if rule.code is Code.REFUND_FEE and not harmless(bare, before_match, before_core, core, after):
        return Code.REFUND_FEE_NO_REASON  # limited to what the law leaves open; here no fee is taken all the same
    return None


def _finding(listing: Listing, rule: Rule, code: Code, field: str, place: tuple[int, int], original: str) -> Finding:
    start, end = place
    text = wording(code, listing)
    if text and text in original:
        text = ""  # it stands there already
    return Finding(
        code=code,
        severity=rule.severity if code is rule.code else Severity.WARNS,
        field=field,
        start=start,
        end=end,
        text=original[start:end],
        cites=rule.cites,
        offer=Offer(text=text),
    )
