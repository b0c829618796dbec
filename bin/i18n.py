"""The work of bin/i18n: sorted by sentence, no line numbers, no dates, so that a run changes only what changed."""

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path("liuhen/edge")
PO = SOURCE / "web/locale/en/LC_MESSAGES/liuhen.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false"}}
DAY = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed date: the catalogue changes only when a sentence does
PLACES = re.compile(r"%\((\w+)\)s")


def collect() -> dict[str, str | tuple[str, str]]:
    """All sentences marked with _() or ngettext(), by msgid."""
    found: dict[str, str | tuple[str, str]] = {}
    for _name, _line, message, _notes, _context in extract_from_dir(SOURCE, METHODS, OPTIONS):
        key = message if isinstance(message, str) else message[0]
        if key:
            found[key] = message if isinstance(message, str) else (message[0], message[1])
    return found


def build(old: Catalog) -> Catalog:
    """The catalogue of today's sentences with yesterday's translations."""
    new = Catalog(locale="en", fuzzy=False, creation_date=DAY, revision_date=DAY)
    for key, message in sorted(collect().items()):
        known = old.get(key)
        new.add(message, known.string if known is not None else "")
    return new


def texts(catalog: Catalog) -> tuple[bytes, bytes]:
    """The two files, byte for byte the same for the same sentences. Untranslated ones are left out of the second."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    write_mo(mo, catalog)
    return po.getvalue(), mo.getvalue()


def faults(catalog: Catalog) -> list[str]:
    """Sentences without English, or whose English names other places."""
    wrong = []
    for message in catalog:
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[0]
        english = message.string if isinstance(message.string, str) else "".join(message.string or ())
        if not english:
            wrong.append(f"no English: {source}")
        elif isinstance(message.string, str) and set(PLACES.findall(source)) != set(PLACES.findall(english)):
            wrong.append(f"other places in the English: {source}")
    return wrong


def main(check: bool) -> int:
    old = read_po(io.BytesIO(PO.read_bytes()), locale="en") if PO.exists() else Catalog(locale="en")
    catalog = build(old)
    po, mo = texts(catalog)
    mo_path = PO.with_suffix(".mo")
    wrong = faults(catalog)
    if check:
        stale = [
            str(path) for path, text in ((PO, po), (mo_path, mo)) if not path.exists() or path.read_bytes() != text
        ]
        for line in [*wrong, *(f"stale, run bin/i18n: {name}" for name in stale)]:
            print(line)
        return 1 if wrong or stale else 0
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po)
    mo_path.write_bytes(mo)
    print("\n".join(wrong) if wrong else "all sentences have their English")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
