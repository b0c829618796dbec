"""Catalogues: Chinese is the language of the msgids, English comes from locale/en."""

import gettext
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
    return catalogue(lang).gettext(msgid) % values
