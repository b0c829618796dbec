"""A text as the lint reads it: one width, one script, nothing between the characters, and the way back.

What sellers put between characters to hide a sentence (blanks, zero-width characters, dots, emoji, line breaks) is left
out. Where a sentence ended is remembered, because what softens a term must stand in the same sentence.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right

import msgspec

from liuhen.policy.lint.traditional import SIMPLIFIED

_ENDS = frozenset("。！？!?；;\n\r\u2028\u2029")
# letters by their class, but blank or a mere stroke to the eye: Hangul fillers, 丨 丶 丿 and the long-vowel mark
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0丨丶丿ーㅡ")
# Within and behind the name of the shop's goods no sentence ends, whatever is put there: 本店商品！无质量问题，概不退换
_GOES_ON = re.compile(r"(?:本店|我店|小店|店内|所有|全部|一切)的?(?:商品|产品|卡密|货物|宝贝)")
_DASHES: dict[str, str] = dict.fromkeys("-~‐‑‒–—−", "~")


class Packed(msgspec.Struct, frozen=True):
    """chars: letters, digits, signs within numbers. places: where each stood in the original. ends: before which of
    `chars` a sentence ended."""

    original: str
    chars: str
    places: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where chars[start:end] stood in the original. start < end."""
        return self.places[start], self.places[end - 1] + 1

    def before(self, place: int, most: int) -> str:
        """Up to `most` characters before `place`, of the same sentence."""
        near = bisect_right(self.ends, place)
        return self.chars[max(self.ends[near - 1] if near else 0, place - most) : place]

    def after(self, place: int, most: int) -> str:
        """Up to `most` characters from `place` on, of the same sentence."""
        near = bisect_left(self.ends, place)
        stop = self.ends[near] if near < len(self.ends) else len(self.chars)
        return self.chars[place : min(stop, place + most)]


def pack(text: str) -> Packed:
    """Never raises. Full width, compatibility forms, case and traditional characters are folded."""
    chars: list[str] = []
    places: list[int] = []
    ends: list[int] = []
    for place, raw in enumerate(text):
        if raw in _ENDS:
            if chars and (not ends or ends[-1] != len(chars)):
                ends.append(len(chars))
            continue
        for char in unicodedata.normalize("NFKC", raw).casefold():
            known = SIMPLIFIED.get(char, char)
            if not known.isalnum() or known in _UNSEEN:
                known = _in_number(known, text, place)
            if known:
                chars.append(known)
                places.append(place)
    packed = "".join(chars)
    for name in _GOES_ON.finditer(packed) if ends else ():
        ends = [end for end in ends if not name.start() < end <= name.end()]
    return Packed(text, packed, places, ends)


def _in_number(char: str, text: str, place: int) -> str:
    """What a sign within a number is read as: 1.5, 9:00, 1~3, 1 - 3, 5%. "" for every other sign."""
    if char in _DASHES:
        return (
            _DASHES[char]
            if text[max(0, place - 8) : place].rstrip()[-1:].isdecimal() and _next(text, place).isdecimal()
            else ""
        )
    if not place or not text[place - 1].isdecimal():
        return ""
    if char == "%":
        return char
    return char if char in ".:/" and text[place + 1 : place + 2].isdecimal() else ""


def _next(text: str, place: int) -> str:
    """The next character after `place` that is not blank, "" at the end or where it is far."""
    return text[place + 1 : place + 9].lstrip()[:1]
