"""How the lint's patterns are compiled."""

import re

_ENDLESS = re.compile(r"(?<=[)\]d])([*+])")


def compiled(pattern: str) -> re.Pattern[str]:
    """Every repetition gets an end (six), so that reading a text takes time in proportion to its length."""
    return re.compile(_ENDLESS.sub(lambda mark: "{0,6}" if mark[1] == "*" else "{1,6}", pattern))
