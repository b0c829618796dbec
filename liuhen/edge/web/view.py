"""What every page knows about the request it answers. The session layer builds it once and puts it on
`request.state.view`; pages and templates only read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection

from liuhen.base.config import Settings
from liuhen.edge.context import house, now_of
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.rulebook_line import Stage

LANGUAGES = ("zh", "en")
_LANG_COOKIE = "lang"


def lang_cookie(secure: bool) -> str:
    """The name of the cookie that keeps the language."""
    return f"__Host-{_LANG_COOKIE}" if secure else _LANG_COOKIE


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in party. roles: any of buyer, seller, reviewer, admin."""

    party_id: str
    name: str
    roles: frozenset[str] = frozenset()
    shop_name: str = ""

    def is_a(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))


@dataclass(frozen=True, slots=True)
class Site:
    """The operator's disclosures (电子商务法 15; 互联网信息服务管理办法 12). An empty field shows 〔由运营方填写〕."""

    operator: str = ""
    licence: str = ""
    licence_url: str = ""
    icp: str = ""
    psb: str = ""
    edi: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    demo: bool = False


def site_of(settings: Settings) -> Site:
    """The disclosures as the settings hold them."""
    return Site(
        operator=settings.operator_name,
        licence=settings.licence_no,
        licence_url=settings.licence_url,
        icp=settings.icp_no,
        psb=settings.psb_no,
        edi=settings.edi_no,
        phone=settings.complaint_phone,
        email=settings.complaint_email,
        address=settings.operator_address,
        demo=settings.demo,
    )


@dataclass(frozen=True, slots=True)
class Flash:
    """One sentence after an act. kind: done | paid | wait | no | info. undo_url: a POST that takes it back."""

    text: str
    kind: str = "done"
    undo_url: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """now: aware, UTC. path: the path asked for, with query. counts: badges of the navigation, by nav key.

    ahead: versions of the rules to come, which every page announces (电商法 34; 平台规则办法 7, 10).
    """

    now: datetime
    lang: str = "zh"
    me: Me | None = None
    unread: int = 0
    csrf: str = ""
    site: Site = field(default_factory=Site)
    path: str = "/"
    flashes: tuple[Flash, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    ahead: tuple[tuple[Rulebook, Stage], ...] = ()


def pick_language(cookie: str | None, accept: str | None) -> str:
    """The cookie wins; then the browser's first language; else Chinese."""
    if cookie is not None and cookie in LANGUAGES:
        return cookie
    first = (accept or "").split(",", 1)[0].strip().lower()
    return "en" if first.startswith("en") else "zh"


def view_of(request: ASGIConnection[Any, Any, Any, Any]) -> View:
    """The view the session layer made; for an error before that layer, an anonymous one."""
    found = request.scope.get("state", {}).get("view")
    if isinstance(found, View):
        return found
    kept = request.cookies.get(lang_cookie(house(request).secure))
    lang = pick_language(kept, request.headers.get("accept-language"))
    site = site_of(house(request).settings)
    return View(now=now_of(request), lang=lang, site=site, path=request.scope.get("path", "/"))
