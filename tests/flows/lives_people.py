"""More acts in which a process may die: people and their words. ALL: these and those of lives.py."""

from liuhen.edge.boot import load_agreements
from liuhen.factors.model import Place
from liuhen.flows.outbox.delete_erased import delete_erased
from liuhen.flows.outbox.erase_order import erase_order
from liuhen.flows.people.register_party import RegisterParty, register_party
from liuhen.flows.people.sign_in import SignIn, sign_in
from liuhen.flows.people.token_for_password import TokenForPassword, token_for_password
from liuhen.parties.model import Scope
from liuhen.reads.due import DueKind
from tests.flows.life import Life, Story, work_due
from tests.flows.lives import STORIES, proving
from tests.flows.mortal import RING, Act, perform

_PASSWORD = "a long pass phrase"


async def _deleting(life: Life) -> Act:
    """Three years later: the words of an order are erased, its pictures not yet."""
    await perform(await proving(life), life.db, life.folder)
    life.later(days=40)
    await work_due(life.db, await life.due(DueKind.RELEASE_ESCROW), now=life.now)
    life.later(days=1200)
    assert life.placed is not None
    done = await erase_order(life.db, life.placed.book_id, life.placed.order_id, days=1095, now=life.now)
    assert done.erased
    return Act(delete_erased, (), {"now": life.now}, ("objects",))


async def _deleted(life: Life) -> None:
    assert [path for path in (life.folder / "objects").rglob("*") if path.is_file()] == []
    assert await life.one("select objects_gone_at is not null from erasure")


async def _joined(life: Life) -> None:
    cmd = RegisterParty(
        login="lin", password=_PASSWORD, terms_version=load_agreements().current("user_terms", life.now).version
    )
    done = await register_party(life.db, cmd, now=life.now, keys=RING, agreements=load_agreements())
    life.buyer_id = done.party_id


async def _signing_in(life: Life) -> Act:
    await _joined(life)
    return Act(sign_in, (SignIn(login="lin", password=_PASSWORD),), {"now": life.now}, ("keys",))


async def _signed_in(life: Life) -> None:
    assert await life.one("select count(*) from session where party_id = $1", life.buyer_id) in (1, 2)


async def _taking_a_token(life: Life) -> Act:
    await _joined(life)
    cmd = TokenForPassword(login="lin", password=_PASSWORD, name="kasse", scopes=frozenset({Scope.READ}))
    place = Place(origin="https://liuhen.test", rp_id="liuhen.test")
    return Act(token_for_password, (cmd,), {"now": life.now, "place": place}, ("keys",))


async def _token_taken(life: Life) -> None:
    assert await life.one("select count(*) from api_token where party_id = $1", life.buyer_id) in (1, 2)


ALL = {
    **STORIES,
    "delete_erased": Story(_deleting, _deleted),
    "sign_in": Story(_signing_in, _signed_in),
    "token_for_password": Story(_taking_a_token, _token_taken),
}
