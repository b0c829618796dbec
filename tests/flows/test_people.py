"""Joining, signing in and out, recovery, tokens, staff acts: against the real database."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from liuhen.base.agreements import Agreements
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once
from liuhen.base.errors import (
    BadCredentials,
    Forbidden,
    Frozen,
    InvalidInput,
    LoginTaken,
    NotFound,
    RateLimited,
    StateConflict,
)
from liuhen.edge.boot import load_agreements
from liuhen.factors.model import place_of
from liuhen.flows.outbox.sweep import sweep
from liuhen.flows.people.accept_agreement import AcceptAgreement, accept_agreement
from liuhen.flows.people.change_password import ChangePassword, change_password
from liuhen.flows.people.freeze_party import FreezeParty, freeze_party
from liuhen.flows.people.issue_reset_link import IssueResetLink, issue_reset_link
from liuhen.flows.people.make_token import MakeToken, make_token
from liuhen.flows.people.open_shop import OpenShop, ShopExists, open_shop
from liuhen.flows.people.register_party import PartyRegistered, RegisterParty, register_party
from liuhen.flows.people.rename_party import RenameParty, rename_party
from liuhen.flows.people.reset_password import ResetPassword, reset_password
from liuhen.flows.people.revoke_session import RevokeSession, revoke_session
from liuhen.flows.people.revoke_token import RevokeToken, revoke_token
from liuhen.flows.people.set_roles import SetRoles, set_roles
from liuhen.flows.people.sign_in import SignedIn, SignIn, sign_in
from liuhen.flows.people.sign_out import SignOut, sign_out
from liuhen.flows.people.touch_session import TouchSession, touch_session
from liuhen.flows.people.unfreeze_party import UnfreezeParty, unfreeze_party
from liuhen.flows.people.wish_reset import WishReset, wish_reset
from liuhen.money import ledger
from liuhen.parties.model import Agreement, LastAdmin, Role, Scope
from liuhen.reads import visitors
from liuhen.steps.check_password import ask, passed, weigh

VERSION = "2026-11-1"
PASSWORD = "correct horse 9"
KEYS = KeyRing({1: bytes(range(32))})
PLACE = place_of("https://shop.example")


@pytest.fixture(scope="module")
def agreements() -> Agreements:
    return load_agreements()


class People:
    """Registers and signs in with short words."""

    def __init__(self, db: Database, agreements: Agreements, now: datetime) -> None:
        self.db, self.agreements, self.now = db, agreements, now

    async def join(self, login: str, *roles: Role, once: Once | None = None, ip: str = "") -> PartyRegistered:
        cmd = RegisterParty(login=login, password=PASSWORD, terms_version=VERSION, roles=frozenset(roles), ip=ip)
        return await register_party(self.db, cmd, now=self.now, once=once, keys=KEYS, agreements=self.agreements)

    async def enter(
        self, login: str, password: str = PASSWORD, *, at: datetime | None = None, **more: object
    ) -> SignedIn:
        cmd = SignIn(login=login, password=password, **more)  # type: ignore[arg-type]
        return await sign_in(self.db, cmd, now=at or self.now, keys=KEYS)

    async def known(self, token: str, at: datetime | None = None) -> visitors.Known | None:
        async with self.db.read() as tx:
            return await visitors.by_session(tx, KEYS.hash_token(token), at or self.now)


@pytest.fixture
def people(db: Database, agreements: Agreements, now: datetime) -> People:
    return People(db, agreements, now)


async def test_joining_makes_party_book_login_and_acceptance(people: People) -> None:
    made = await people.join("Anna")
    async with people.db.read() as tx:
        balances = await ledger.balances(tx, made.party_id)
        row = await tx.one("select kind, version, sha256 from agreement_acceptance where book_id = $1", made.party_id)
    assert balances and set(balances.values()) == {0}
    text = people.agreements.version("user_terms", VERSION)
    assert (row["kind"], row["version"], bytes(row["sha256"])) == ("user_terms", VERSION, text.sha256)
    assert len(made.recovery_code) == 24


async def test_a_login_is_one_in_all_spellings(people: People) -> None:
    await people.join("Anna")
    with pytest.raises(LoginTaken):
        await people.join("ａＮＮＡ")
    assert (await people.enter(" ANNA ")).token


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "password_short"),
        ("anna-at-home", "password_guessable"),
        ("aaaaaaaaaaaa", "password_guessable"),
        ("1q2w3e4r5t", "password_common"),
        ("x9" * 8, "password_guessable"),
        ("日" * 40 + "abcdefgh9" * 20, "password_long"),
    ],
)
async def test_weak_passwords_are_refused(people: People, password: str, reason: str) -> None:
    cmd = RegisterParty(login="anna-at-home", password=password, terms_version=VERSION)
    with pytest.raises(InvalidInput) as caught:
        await register_party(people.db, cmd, now=people.now, keys=KEYS, agreements=people.agreements)
    assert caught.value.data["reason"] == reason


async def test_joining_twice_with_one_key_gives_the_same_code(people: People) -> None:
    once = Once(UUID(int=0), "form-1", b"hash")
    first, second = await people.join("anna", once=once), await people.join("anna", once=once)
    assert first == second
    async with people.db.read() as tx:
        stored = await tx.fetchval("select result from idempotency where key = 'form-1'")
    assert first.recovery_code.encode() not in stored


async def test_terms_that_are_not_in_force_cannot_be_accepted(people: People) -> None:
    cmd = RegisterParty(login="anna", password=PASSWORD, terms_version="2020-1")
    with pytest.raises(StateConflict):
        await register_party(people.db, cmd, now=people.now, keys=KEYS, agreements=people.agreements)


async def test_unknown_login_and_wrong_password_get_one_answer(people: People) -> None:
    await people.join("anna")
    answers = []
    for login, password in (("anna", "wrong password"), ("nobody", "wrong password")):
        with pytest.raises(BadCredentials) as caught:
            await people.enter(login, password)
        answers.append((caught.value.code, caught.value.message, caught.value.data))
    assert answers[0] == answers[1]


async def test_tries_are_limited_for_known_and_unknown_logins(people: People) -> None:
    await people.join("anna")
    for login in ("anna", "nobody"):
        for _ in range(10):
            with pytest.raises(BadCredentials):
                await people.enter(login, "wrong password")
        with pytest.raises(RateLimited) as caught:
            await people.enter(login)
        assert 0 < caught.value.data["retry_after_seconds"] <= 901
    assert (await people.enter("anna", at=people.now + timedelta(minutes=15))).token


async def test_good_sign_ins_are_not_counted(people: People) -> None:
    await people.join("anna")
    for _ in range(12):
        await people.enter("anna", ip="203.0.113.9")


async def test_addresses_are_limited_across_logins(people: People) -> None:
    for number in range(100):
        with pytest.raises(BadCredentials):
            await people.enter(f"guess{number}", "wrong password", ip="2001:db8::1")
    with pytest.raises(RateLimited):
        await people.enter("another", ip="2001:db8::ffff")


async def test_addresses_of_one_kind_written_as_the_other_are_counted_one_by_one(people: People) -> None:
    """`::ffff:203.0.113.9`, as a socket for both kinds has it: nobody's guesses are counted for all of IPv4."""
    await people.join("anna")
    for number in range(100):
        with pytest.raises(BadCredentials):
            await people.enter(f"guess{number}", "wrong password", ip="::ffff:203.0.113.9")
    for ip in ("::ffff:203.0.113.9", "203.0.113.9"):
        with pytest.raises(RateLimited):
            await people.enter("another", ip=ip)
    assert (await people.enter("anna", ip="::ffff:198.51.100.7")).token


async def test_sign_in_ends_the_browsers_old_session(people: People) -> None:
    await people.join("anna")
    first = await people.enter("anna")
    second = await people.enter("anna", old_session=first.session_id)
    assert first.token != second.token
    assert await people.known(first.token) is None
    assert await people.known(second.token) is not None


async def test_a_session_ends_idle_after_7_and_always_after_30_days(people: People) -> None:
    await people.join("anna")
    mine = await people.enter("anna")
    day = timedelta(days=1)
    assert await people.known(mine.token, people.now + 6.9 * day) is not None
    assert await people.known(mine.token, people.now + 7 * day) is None
    for number in range(1, 30):
        await touch_session(people.db, TouchSession(mine.session_id), now=people.now + number * day)
    assert await people.known(mine.token, people.now + 29.9 * day) is not None
    assert await people.known(mine.token, people.now + 30 * day) is None


async def test_sessions_are_ended_by_their_owner_alone(people: People) -> None:
    anna, ben = await people.join("anna"), await people.join("ben")
    mine, other = await people.enter("anna"), await people.enter("anna")
    with pytest.raises(NotFound):
        cmd = RevokeSession(party_id=ben.party_id, session_id=mine.session_id)
        await revoke_session(people.db, cmd, now=people.now)
    done = await revoke_session(people.db, RevokeSession(party_id=anna.party_id, keep=mine.session_id), now=people.now)
    assert done.count == 1
    assert await people.known(other.token) is None
    assert (await sign_out(people.db, SignOut(anna.party_id, mine.session_id), now=people.now)).ended
    assert await people.known(mine.token) is None


async def test_a_new_password_ends_the_other_sessions(people: People) -> None:
    anna = await people.join("anna")
    mine, other = await people.enter("anna"), await people.enter("anna")
    wrong = ChangePassword(party_id=anna.party_id, old_password="nope nope 1", new_password="another one 77")
    with pytest.raises(InvalidInput):
        await change_password(people.db, wrong, now=people.now, keys=KEYS, place=PLACE)
    cmd = ChangePassword(
        party_id=anna.party_id, old_password=PASSWORD, new_password="another one 77", session_id=mine.session_id
    )
    assert (await change_password(people.db, cmd, now=people.now, keys=KEYS, place=PLACE)).sessions_ended == 1
    assert await people.known(mine.token) is not None
    assert await people.known(other.token) is None
    with pytest.raises(BadCredentials):
        await people.enter("anna")
    assert (await people.enter("anna", "another one 77")).token


async def test_a_new_password_stops_all_tokens_but_its_own_and_links(people: People) -> None:
    """Whoever knew the old one may have made himself a token that lives for a year."""
    anna = await people.join("anna")
    new_token = MakeToken(party_id=anna.party_id, name="script", scopes=frozenset({Scope.BUY}), days=365)
    mine, strange = [await make_token(people.db, new_token, now=people.now, keys=KEYS) for _ in range(2)]
    link = await issue_reset_link(people.db, IssueResetLink(login="anna"), now=people.now, keys=KEYS)
    cmd = ChangePassword(
        party_id=anna.party_id, old_password=PASSWORD, new_password="another one 77", token_id=mine.token_id
    )
    await change_password(people.db, cmd, now=people.now, keys=KEYS, place=PLACE)
    async with people.db.read() as tx:
        assert await visitors.by_token(tx, KEYS.hash_token(mine.token), people.now) is not None
        assert await visitors.by_token(tx, KEYS.hash_token(strange.token), people.now) is None
    reset = ResetPassword(new_password="another one 78", token=link.token)
    with pytest.raises(InvalidInput):
        await reset_password(people.db, reset, now=people.now, keys=KEYS)


async def test_a_recovery_code_ends_links_that_are_out(people: People) -> None:
    anna = await people.join("anna")
    link = await issue_reset_link(people.db, IssueResetLink(login="anna"), now=people.now, keys=KEYS)
    by_code = ResetPassword(new_password="another one 77", login="anna", recovery_code=anna.recovery_code)
    await reset_password(people.db, by_code, now=people.now, keys=KEYS)
    by_link = ResetPassword(new_password="another one 78", token=link.token)
    with pytest.raises(InvalidInput):
        await reset_password(people.db, by_link, now=people.now, keys=KEYS)


async def test_a_stranger_who_guesses_does_not_keep_the_owner_out(people: People) -> None:
    """By recovery code or link he sets a password and comes in, while his login is still locked for guesses."""
    anna = await people.join("anna")
    for way in ("code", "link"):
        for _ in range(11):
            with pytest.raises((BadCredentials, RateLimited)):
                await people.enter("anna", "wrong password", ip="203.0.113.9")
        with pytest.raises(RateLimited):
            await people.enter("anna", ip="198.51.100.1")
        reset = ResetPassword(new_password=f"another one {way}", login="anna", recovery_code=anna.recovery_code)
        if way == "link":
            link = await issue_reset_link(people.db, IssueResetLink(login="anna"), now=people.now, keys=KEYS)
            reset = ResetPassword(new_password=f"another one {way}", token=link.token)
        await reset_password(people.db, reset, now=people.now, keys=KEYS)
        assert (await people.enter("anna", f"another one {way}", ip="198.51.100.1")).token


async def test_a_recovery_code_works_once_however_it_is_typed(people: People) -> None:
    anna = await people.join("anna")
    mine = await people.enter("anna")
    typed = anna.recovery_code.lower().replace("-", " ").replace("0", "o")
    cmd = ResetPassword(new_password="another one 77", login="anna", recovery_code=typed)
    done = await reset_password(people.db, cmd, now=people.now, keys=KEYS)
    assert done.recovery_code != anna.recovery_code
    assert await people.known(mine.token) is None
    with pytest.raises(InvalidInput) as again:
        await reset_password(people.db, cmd, now=people.now, keys=KEYS)
    unknown = ResetPassword(new_password="another one 77", login="nobody", recovery_code=typed)
    with pytest.raises(InvalidInput) as nobody:
        await reset_password(people.db, unknown, now=people.now, keys=KEYS)
    assert (again.value.message, again.value.data) == (nobody.value.message, nobody.value.data)


async def test_a_reset_link_works_once_within_two_hours_and_ends_tokens(people: People) -> None:
    anna = await people.join("anna")
    cmd = MakeToken(party_id=anna.party_id, name="script", scopes=frozenset({Scope.READ}))
    token = await make_token(people.db, cmd, now=people.now, keys=KEYS)
    old = await issue_reset_link(people.db, IssueResetLink(login="ANNA"), now=people.now, keys=KEYS)
    link = await issue_reset_link(people.db, IssueResetLink(login="anna"), now=people.now, keys=KEYS)
    for tried, at in ((old, people.now), (link, people.now + timedelta(hours=2))):
        with pytest.raises(InvalidInput) as caught:
            reset = ResetPassword(new_password="another one 77", token=tried.token)
            await reset_password(people.db, reset, now=at, keys=KEYS)
        assert caught.value.data["reason"] == "link_over"
    with pytest.raises(InvalidInput):  # a weak password does not use the link up
        await reset_password(
            people.db, ResetPassword(new_password="short", token=link.token), now=people.now, keys=KEYS
        )
    reset = ResetPassword(new_password="another one 77", token=link.token)
    await reset_password(people.db, reset, now=people.now, keys=KEYS)
    with pytest.raises(InvalidInput):
        await reset_password(people.db, reset, now=people.now, keys=KEYS)
    async with people.db.read() as tx:
        assert await visitors.by_token(tx, KEYS.hash_token(token.token), people.now) is None


async def test_wishing_a_reset_says_the_same_to_all(people: People) -> None:
    anna = await people.join("anna")
    answers = [await wish_reset(people.db, WishReset(login), now=people.now) for login in ("anna", "nobody", "anna")]
    assert answers[0] == answers[1]
    async with people.db.read() as tx:
        rows = await tx.fetch("select party_id from reset_wish")
    assert [row["party_id"] for row in rows] == [anna.party_id]


async def test_a_shop_needs_the_seller_agreement_in_force(people: People) -> None:
    anna = await people.join("anna")
    bad = OpenShop(party_id=anna.party_id, name="安娜小店", agreement_version="0")
    with pytest.raises(StateConflict):
        await open_shop(people.db, bad, now=people.now, agreements=people.agreements)
    good = OpenShop(party_id=anna.party_id, name="安娜小店", agreement_version=VERSION)
    await open_shop(people.db, good, now=people.now, agreements=people.agreements)
    with pytest.raises(ShopExists):
        await open_shop(people.db, good, now=people.now, agreements=people.agreements)
    async with people.db.read() as tx:
        accepted = await tx.fetchval(
            "select sha256 from agreement_acceptance where book_id = $1 and kind = 'seller_agreement'", anna.party_id
        )
    assert bytes(accepted) == people.agreements.version("seller_agreement", VERSION).sha256


async def test_accepting_twice_keeps_the_first_time(people: People) -> None:
    anna = await people.join("anna")
    cmd = AcceptAgreement(anna.party_id, Agreement.USER_TERMS, VERSION)
    later = people.now + timedelta(days=1)
    await accept_agreement(people.db, cmd, now=later, agreements=people.agreements)
    async with people.db.read() as tx:
        assert await tx.fetchval("select accepted_at from agreement_acceptance") == people.now


async def test_tokens_carry_no_more_than_their_party_and_are_shown_once(people: People) -> None:
    anna = await people.join("anna")
    with pytest.raises(Forbidden):
        cmd = MakeToken(party_id=anna.party_id, name="x", scopes=frozenset({Scope.SELL}))
        await make_token(people.db, cmd, now=people.now, keys=KEYS)
    once = Once(anna.party_id, "form-2", b"hash")
    cmd = MakeToken(party_id=anna.party_id, name="script", scopes=frozenset({Scope.READ, Scope.BUY}), days=1)
    made = await make_token(people.db, cmd, now=people.now, once=once, keys=KEYS)
    assert made == await make_token(people.db, cmd, now=people.now, once=once, keys=KEYS)
    hashed = KEYS.hash_token(made.token)
    async with people.db.read() as tx:
        known = await visitors.by_token(tx, hashed, people.now)
        assert known is not None and known.scopes == {"read", "buy"}
        assert await visitors.by_token(tx, hashed, people.now + timedelta(days=1)) is None
        assert made.token.encode() not in await tx.fetchval("select result from idempotency where key = 'form-2'")
    await revoke_token(people.db, RevokeToken(anna.party_id, made.token_id), now=people.now)
    async with people.db.read() as tx:
        assert await visitors.by_token(tx, hashed, people.now) is None
    with pytest.raises(NotFound):
        await revoke_token(people.db, RevokeToken(uuid4(), made.token_id), now=people.now)


async def test_roles_are_set_by_admins_and_the_last_admin_stays(people: People) -> None:
    boss, anna = await people.join("boss", Role.ADMIN), await people.join("anna")
    cmd = SetRoles(staff_id=anna.party_id, party_id=anna.party_id, roles=frozenset({Role.ADMIN}), reason="let me in")
    with pytest.raises(Forbidden):
        await set_roles(people.db, cmd, now=people.now)
    leave = SetRoles(staff_id=boss.party_id, party_id=boss.party_id, roles=frozenset(), reason="leaving")
    with pytest.raises(LastAdmin):
        await set_roles(people.db, leave, now=people.now)
    with pytest.raises(LastAdmin):
        await freeze_party(people.db, FreezeParty(boss.party_id, boss.party_id, "odd wish"), now=people.now)
    raise_anna = SetRoles(staff_id=boss.party_id, party_id=anna.party_id, roles=frozenset(Role), reason="new admin")
    await set_roles(people.db, raise_anna, now=people.now)
    await set_roles(people.db, leave, now=people.now)
    async with people.db.read() as tx:
        acts = await tx.fetch("select act, reason from staff_act order by at, id")
    assert [(row["act"], row["reason"]) for row in acts] == [("SET_ROLES", "new admin"), ("SET_ROLES", "leaving")]


async def test_freezing_tells_the_party_and_stops_new_things_alone(people: People) -> None:
    boss, anna = await people.join("boss", Role.ADMIN), await people.join("anna")
    await freeze_party(people.db, FreezeParty(boss.party_id, anna.party_id, "forged pictures"), now=people.now)
    mine = await people.enter("anna")
    known = await people.known(mine.token)
    assert known is not None and known.frozen and known.unread == 1
    with pytest.raises(Frozen):
        cmd = OpenShop(party_id=anna.party_id, name="安娜小店", agreement_version=VERSION)
        await open_shop(people.db, cmd, now=people.now, agreements=people.agreements)
    with pytest.raises(StateConflict):
        await freeze_party(people.db, FreezeParty(boss.party_id, anna.party_id, "again"), now=people.now)
    await unfreeze_party(people.db, UnfreezeParty(boss.party_id, anna.party_id, "appeal upheld"), now=people.now)
    known = await people.known(mine.token)
    assert known is not None and not known.frozen


async def test_a_name_is_one_visible_line(people: People) -> None:
    anna = await people.join("anna")
    done = await rename_party(people.db, RenameParty(anna.party_id, "  安娜\n 二号 "), now=people.now)
    assert done.display_name == "安娜 二号"
    with pytest.raises(InvalidInput):
        await rename_party(people.db, RenameParty(anna.party_id, "a\u202eb"), now=people.now)


async def test_old_rows_are_forgotten(people: People) -> None:
    await people.join("anna", ip="203.0.113.9")
    await people.enter("anna")
    assert await sweep(people.db, now=people.now + timedelta(days=61)) >= 2
    async with people.db.read() as tx:
        assert await tx.fetchval("select count(*) from session") == 0
        assert await tx.fetchval("select count(*) from party") == 1


async def test_two_admins_cannot_remove_each_other_at_once(people: People) -> None:
    first, second = await people.join("first", Role.ADMIN), await people.join("second", Role.ADMIN)
    pairs = ((first.party_id, second.party_id), (second.party_id, first.party_id))
    done = await asyncio.gather(
        *(
            set_roles(people.db, SetRoles(staff_id=a, party_id=b, roles=frozenset(), reason="you go"), now=people.now)
            for a, b in pairs
        ),
        return_exceptions=True,
    )
    assert sorted(type(item).__name__ for item in done) == ["Forbidden", "RolesSet"]


async def test_one_login_is_given_once_to_many_who_ask_at_once(people: People) -> None:
    done = await asyncio.gather(*(people.join("anna") for _ in range(6)), return_exceptions=True)
    assert sorted(type(item).__name__ for item in done) == ["LoginTaken"] * 5 + ["PartyRegistered"]
    async with people.db.read() as tx:
        assert await tx.fetchval("select count(*) from party") == 1


async def test_guesses_at_once_are_counted_one_by_one(people: People) -> None:
    await people.join("anna")
    done = await asyncio.gather(
        *(people.enter("anna", "wrong password", ip="203.0.113.9") for _ in range(20)), return_exceptions=True
    )
    names = sorted(type(item).__name__ for item in done)
    assert names == ["BadCredentials"] * 10 + ["RateLimited"] * 10


async def test_one_link_sets_one_password_however_often_it_is_used_at_once(people: People) -> None:
    await people.join("anna")
    link = await issue_reset_link(people.db, IssueResetLink(login="anna"), now=people.now, keys=KEYS)
    wishes = [ResetPassword(new_password=f"another one {number}7", token=link.token) for number in range(4)]
    done = await asyncio.gather(
        *(reset_password(people.db, wish, now=people.now, keys=KEYS) for wish in wishes), return_exceptions=True
    )
    assert sorted(type(item).__name__ for item in done) == ["InvalidInput"] * 3 + ["PasswordReset"]


async def test_a_password_that_was_changed_while_it_was_weighed_opens_nothing(people: People) -> None:
    anna = await people.join("anna")
    asked = await people.db.transact(lambda tx: ask(tx, "anna", "", now=people.now), now=people.now)
    weighed = await weigh(asked, PASSWORD)
    assert weighed is not None
    cmd = ChangePassword(party_id=anna.party_id, old_password=PASSWORD, new_password="another one 77")
    await change_password(people.db, cmd, now=people.now, keys=KEYS, place=PLACE)
    assert not await people.db.transact(lambda tx: passed(tx, weighed, now=people.now), now=people.now)
