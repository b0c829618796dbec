"""Catalogues: Chinese is the language of the msgids, English comes from locale/en."""

import gettext
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).with_name("locale")
DOMAIN = "liuhen"


@cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """The catalogue of one language. Raises FileNotFoundError if it was never compiled."""
    if lang == "zh":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, languages=[lang])


def translate(lang: str, msgid: str, **values: Any) -> str:
    """A sentence outside a template. As in templates, `%(name)s` is filled and `%%` is a per cent sign."""
    return unfilled(lang, msgid, values) % values


def unfilled(lang: str, msgid: str, values: Mapping[str, Any]) -> str:
    """The sentence before `values` are filled in. Chinese has no plural; what is one is one in English."""
    text = catalogue(lang).gettext(msgid)
    return _COUNTED.sub(lambda found: _one(found, values), text) if lang == "en" and "%(" in text else text


_THINGS = (
    "books|cases|clauses|columns|days|faults|goods|items|keys|lines|links|listings|messages|orders|parts|pictures|pieces"
    "|records|refunds|rules|seconds|things|times|transfers"
)
_VERBS = {"are": "is", "expire": "expires", "have": "has", "hold": "holds", "repeat": "repeats", "want": "wants"}
_VERBS |= {"wait": "waits", "were": "was", "go": "goes", "need": "needs"}
_COUNTED = re.compile(rf"%\((\w+)\)s((?: [a-z]+)?) ({_THINGS})\b(?: ({'|'.join(_VERBS)})\b)?")


def _one(found: re.Match[str], values: Mapping[str, Any]) -> str:
    name, what, things, verb = found.groups()
    if str(values.get(name)) != "1":
        return found[0]
    thing = "kind" if things == "goods" else things.removesuffix("s")
    return f"%({name})s{what} {thing}" + (f" {_VERBS[verb]}" if verb else "")
