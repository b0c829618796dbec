"""The demo market: who takes part in it, and what is on its shelves. Loading it again changes nothing."""

from datetime import datetime

from msgspec import Struct

from liuhen.base.errors import LoginTaken
from liuhen.edge.context import App
from liuhen.flows.people.open_shop import OpenShop, open_shop
from liuhen.flows.people.register_party import RegisterParty, register_party
from liuhen.parties.model import Agreement, Role


class Login(Struct, frozen=True, kw_only=True):
    """One person of the demo, printed by `bin/demo`. role: buyer, seller, reviewer or admin."""

    role: str
    login: str
    password: str


LOGINS = (
    Login(role="buyer", login="buyer", password="demo-buyer-2026"),
    Login(role="seller", login="seller", password="demo-seller-2026"),
    Login(role="reviewer", login="reviewer", password="demo-reviewer-2026"),
    Login(role="admin", login="admin", password="demo-admin-2026"),
)
_NAMES = {"buyer": "林小满", "seller": "晨星数码", "reviewer": "审核员 周宁", "admin": "管理员 何安"}
_STAFF = {"reviewer": Role.REVIEWER, "admin": Role.ADMIN}


async def load(app: App, now: datetime) -> list[Login]:
    """Registers whoever is missing; now in UTC. Answers one login for each role."""
    for login in LOGINS:
        await _register(app, login, now)
    return list(LOGINS)


async def _register(app: App, login: Login, now: datetime) -> None:
    cmd = RegisterParty(
        login=login.login,
        password=login.password,
        terms_version=app.agreements.current(Agreement.USER_TERMS, now).version,
        display_name=_NAMES[login.role],
        roles=frozenset([_STAFF[login.role]]) if login.role in _STAFF else frozenset(),
    )
    try:
        made = await register_party(app.db, cmd, now=now, keys=app.keys, agreements=app.agreements)
    except LoginTaken:
        return
    if login.role == "seller":
        version = app.agreements.current(Agreement.SELLER_AGREEMENT, now).version
        shop = OpenShop(party_id=made.party_id, name=_NAMES["seller"], agreement_version=version)
        await open_shop(app.db, shop, now=now, agreements=app.agreements)
