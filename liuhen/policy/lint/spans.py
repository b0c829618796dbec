"""Lengths of time as sellers write them: 24小时, 七天, 半小时, 1.5h, 1-3 天 (its end counts). Whole seconds."""

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {
    "秒": 1,
    "分": 60,
    "时": 3600,
    "h": 3600,
    "钟": 3600,
    "天": 86_400,
    "日": 86_400,
    "工": 86_400,
    "周": 604_800,
    "星": 604_800,
    "月": 2_592_000,
}
_NUMBER = r"(?:\d{1,5}(?:\.\d)?|[零〇一二两三四五六七八九十百半]{1,5})"
SPAN = (
    rf"(?:(?:\d{1, 5}(?:\.\d)?(?:到|至|~))?{_NUMBER}个?(?:秒钟?|分钟?|小时|h(?:ours?)?|钟头|天|日|工作日|周|星期|月))"
)
_PARTS = re.compile(rf"(?P<number>{_NUMBER})个?(?P<unit>[秒分小h钟天日工周星月])")


def seconds_of(text: str) -> int | None:
    """Parameters: text, what SPAN matched. None where it is no number after all (十百)."""
    found = _PARTS.search(text)
    if found is None:
        return None
    unit = _UNITS["时" if found["unit"] == "小" else found["unit"]]
    tenths = _tenths(found["number"])
    return None if tenths is None else tenths * unit // 10


def _tenths(number: str) -> int | None:
    if number == "半":
        return 5
    if number[0].isdecimal():
        whole, _, part = number.partition(".")
        return int(whole) * 10 + int(part or 0)
    return _chinese(number)


def _chinese(number: str) -> int | None:
    """In tenths: 二十四 is 240, 两 is 20, 一百二十 is 1200."""
    hundreds, mark, rest = number.rpartition("百")
    total = 0
    if mark:
        if len(hundreds) > 1 or (hundreds and hundreds not in _DIGITS):
            return None
        total = 100 * _DIGITS.get(hundreds, 1)
        number = rest.lstrip("零〇")
    tens, mark, ones = number.partition("十")
    if len(tens) > 1 or len(ones) > 1 or not set(tens + ones) <= _DIGITS.keys():
        return None
    if mark:
        return 10 * (total + 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))
    return 10 * (total + _DIGITS.get(tens, 0)) if tens or total else None
