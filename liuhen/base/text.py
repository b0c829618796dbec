"""Forms of text that are compared: width, case and blanks. What is shown or kept is never changed here."""

import unicodedata

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_BLANKS = dict.fromkeys(map(ord, " \t\u3000\u00a0"))
_DASHES = dict.fromkeys(map(ord, "-‐‑‒–—―−_"))


def fold_width(text: str) -> str:
    """Full-width forms of ASCII as ASCII (ＡＢＣ → ABC), outer blanks trimmed, nothing else changed."""
    return (text if text.isascii() else text.translate(_WIDTH)).strip()


def fold_case(text: str) -> str:
    """NFKC, upper case, blanks and dashes left out; dashes stay if nothing else is there."""
    packed = _upper(text)
    return _without_dashes(packed) or packed


def fold_serial(text: str) -> str:
    """Like fold_case, but dashes go only between digits: 6212-3456 is 62123456, but a-b@x is not ab@x."""
    packed = _upper(text)
    digits = _without_dashes(packed)
    return digits if digits.isdigit() else packed


# Nearly all keys are ASCII, where a plain replacement is several times as fast as a table of characters.
def _upper(text: str) -> str:
    if text.isascii():
        return text.upper().replace(" ", "").replace("\t", "")
    return unicodedata.normalize("NFKC", text).upper().translate(_BLANKS)


def _without_dashes(text: str) -> str:
    return text.replace("-", "").replace("_", "") if text.isascii() else text.translate(_DASHES)
