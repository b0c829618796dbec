"""Texts that people accept: versioned, hashed exactly as shown. Pure; boot reads the files."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from liuhen.base.chain import canonical
from liuhen.base.crypto import sha256
from liuhen.base.errors import InvalidInput, StateConflict

NO_REASON_EXCLUSION = "no_reason_exclusion"
"""Kind of the text that a buyer confirms per order where a product excludes no-reason returns."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One paragraph in both languages; the Chinese one binds. strong: shown in bold (平台规则办法 8)."""

    no: str
    title_zh: str
    title_en: str
    zh: str
    en: str
    strong: bool = False


class AgreementText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of one text. effective_from: aware, UTC."""

    kind: str
    version: str
    effective_from: datetime
    title_zh: str
    title_en: str
    sections: tuple[Section, ...]

    @property
    def sha256(self) -> bytes:
        """Over the canonical JSON of the whole text in both languages, kind and version included."""
        return sha256(canonical(msgspec.to_builtins(self)))


class Agreements:
    """All versions of all texts."""

    def __init__(self, texts: Iterable[AgreementText]) -> None:
        self._texts: dict[str, list[AgreementText]] = {}
        for text in sorted(texts, key=lambda item: item.effective_from):
            self._texts.setdefault(text.kind, []).append(text)

    def current(self, kind: str, now: datetime) -> AgreementText:
        """The version in force (now in UTC). Raises InvalidInput for an unknown kind."""
        in_force = [text for text in self._texts.get(kind, []) if text.effective_from <= now]
        if not in_force:
            raise InvalidInput("there is no such agreement in force", kind=kind)
        return in_force[-1]

    def version(self, kind: str, version: str) -> AgreementText:
        """One version, past or present. Raises InvalidInput if it never existed."""
        for text in self._texts.get(kind, []):
            if text.version == version:
                return text
        raise InvalidInput("there is no such version of this agreement", kind=kind, version=version)

    def versions(self, kind: str) -> tuple[AgreementText, ...]:
        """All versions, oldest first."""
        return tuple(self._texts.get(kind, []))

    def accepting(self, kind: str, version: str, now: datetime) -> AgreementText:
        """The text that is being accepted. Raises StateConflict if another one is in force (now in UTC)."""
        text = self.current(kind, now)
        if text.version != version:
            raise StateConflict(
                "a newer version of this agreement is in force; read it first",
                kind=kind,
                version=text.version,
            )
        return text


def parse(kind: str, values: Mapping[str, Any]) -> list[AgreementText]:
    """The versions of one file: `[[version]]` tables with `[[version.section]]`. Raises InvalidInput."""
    try:
        return [
            msgspec.convert({"kind": kind, **{_FIELD.get(k, k): v for k, v in table.items()}}, AgreementText)
            for table in values["version"]
        ]
    except (KeyError, msgspec.ValidationError) as error:
        raise InvalidInput(f"agreement {kind}: {error}") from error


_FIELD = {"name": "version", "section": "sections"}
