"""How dates, spans, amounts and counts read on a page, in Chinese and English. Pure: the caller gives `now`.

All times are shown in Asia/Shanghai. No rounding of money happens here: fen are written as they are.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SOON_SHARE = 10  # under a tenth of the time left a deadline turns solid


def local(at: datetime) -> datetime:
    return at.astimezone(ZONE)


def _other_year(at: datetime, now: datetime) -> bool:
    return local(at).year != local(now).year


def month_day(at: datetime, now: datetime, lang: str = "zh") -> str:
    """11月29日 / 29 Nov; with the year when it is another one."""
    d = local(at)
    if lang == "en":
        return f"{d.day} {MONTHS_EN[d.month - 1]}" + (f" {d.year}" if _other_year(at, now) else "")
    return (f"{d.year}年" if _other_year(at, now) else "") + f"{d.month}月{d.day}日"


def day(at: datetime, now: datetime, lang: str = "zh") -> str:
    """11月22日 周日 / Sun 22 Nov."""
    d = local(at)
    if lang == "en":
        return f"{WEEKDAYS_EN[d.weekday()]} {month_day(at, now, lang)}"
    return f"{month_day(at, now, lang)} 周{WEEKDAYS_ZH[d.weekday()]}"


def day_time(at: datetime, now: datetime, lang: str = "zh") -> str:
    """11月22日 周日 20:14 / Sun 22 Nov, 20:14."""
    comma = "," if lang == "en" else ""
    return f"{day(at, now, lang)}{comma} {local(at):%H:%M}"


def short(at: datetime, now: datetime, lang: str = "zh") -> str:
    """11-22 20:14 / 22 Nov 20:14."""
    return f"{_short_day(at, now, lang)} {local(at):%H:%M}"


def exact(at: datetime, now: datetime, lang: str = "zh") -> str:
    """11-22 20:14:11 / 22 Nov 20:14:11: the form of a record."""
    return f"{_short_day(at, now, lang)} {local(at):%H:%M:%S}"


def near(at: datetime, now: datetime, lang: str = "zh") -> str:
    """今天 21:04, 明天 09:13, 昨天 18:00, else the short form."""
    words = ("昨天", "今天", "明天") if lang != "en" else ("yesterday", "today", "tomorrow")
    days = (local(at).date() - local(now).date()).days
    if -1 <= days <= 1:
        return f"{words[days + 1]} {local(at):%H:%M}"
    return short(at, now, lang)


def _short_day(at: datetime, now: datetime, lang: str) -> str:
    if lang == "en":
        return month_day(at, now, lang)
    return f"{local(at):%Y-%m-%d}" if _other_year(at, now) else f"{local(at):%m-%d}"


def plain_date(value: date) -> str:
    """2028-12-31, the same in both languages: the form of a calendar fact."""
    return value.isoformat()


def span(length: timedelta, lang: str = "zh") -> str:
    """23 小时 43 分 / 23 h 43 min. Never negative; three days and more are whole days."""
    seconds = max(0, int(length.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    en = lang == "en"
    if days >= 3:
        return f"{days} {'day' if days == 1 else 'days'}" if en else f"{days} 天"
    if seconds > 86400:
        rest = (hours - days * 24) % 24
        one = "day" if days == 1 else "days"
        return f"{days} {one} {rest} h" if en else f"{days} 天 {rest} 小时"
    if hours >= 1:
        return f"{hours} h {minutes % 60:02d} min" if en else f"{hours} 小时 {minutes % 60:02d} 分"
    if minutes >= 1:
        return f"{minutes} min" if en else f"{minutes} 分"
    return "under 1 min" if en else "不到 1 分"


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as the page shows it. share: per cent of the time still left, 0 to 100."""

    left: str
    share: int
    over: bool
    soon: bool


def due(at: datetime, now: datetime, start: datetime | None = None, lang: str = "zh") -> Due:
    """A deadline `at` that began to run at `start` (24 hours before `at` if not given)."""
    began = start if start is not None else at - timedelta(hours=24)
    whole = max(1, int((at - began).total_seconds()))
    rest = int((at - now).total_seconds())
    if rest <= 0:
        return Due(left=span(now - at, lang), share=0, over=True, soon=False)
    share = min(100, max(1, rest * 100 // whole))
    return Due(left=span(at - now, lang), share=share, over=False, soon=share < SOON_SHARE)


def yuan(fen: int) -> str:
    """9800 fen -> 98.00; thousands with commas; a true minus sign."""
    whole, cents = divmod(abs(fen), 100)
    sign = "−" if fen < 0 else ""
    return f"{sign}{whole:,}.{cents:02d}"


def money_text(fen: int) -> str:
    """¥98.00 as plain text, for titles and attributes."""
    amount = yuan(fen)
    return f"−¥{amount[1:]}" if fen < 0 else f"¥{amount}"


def number(value: int) -> str:
    return f"{value:,}"


def percent(basis_points: int) -> str:
    """80 basis points -> 0.8%."""
    whole, part = divmod(abs(basis_points), 100)
    sign = "−" if basis_points < 0 else ""
    return f"{sign}{whole}.{part // 10}%" if part % 10 == 0 else f"{sign}{whole}.{part:02d}%"


def size(octets: int) -> str:
    """1.2 MB, 340 KB, 12 B."""
    for unit, base in (("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)):
        if octets >= base:
            tenths = octets * 10 // base
            return f"{tenths // 10}.{tenths % 10} {unit}" if tenths < 100 else f"{tenths // 10} {unit}"
    return f"{octets} B"


def iso(at: datetime) -> str:
    """For datetime attributes: UTC, seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
