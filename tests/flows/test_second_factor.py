"""The second factor against the real database: codes once, half sessions, passkeys, copies, limits, taking it off."""

import asyncio
import json
import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from webauthn.helpers import base64url_to_bytes

from liuhen.base.agreements import Agreements
from liuhen.base.db import Database
from liuhen.base.errors import (
    BadCode,
    BadCredentials,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    SecondFactorNeeded,
    StateConflict,
    Unauthenticated,
)
from liuhen.edge.boot import load_agreements
from liuhen.factors import totp
from liuhen.factors.model import Place, Proof, Way
from liuhen.flows.outbox.sweep import sweep
from liuhen.flows.people.add_passkey import AddPasskey, PasskeyAdded, add_passkey
from liuhen.flows.people.ask_passkey import AskPasskey, ask_passkey
from liuhen.flows.people.begin_totp import BeginTotp, begin_totp
from liuhen.flows.people.change_password import ChangePassword, change_password
from liuhen.flows.people.confirm_totp import ConfirmTotp, FactorAdded, confirm_totp
from liuhen.flows.people.finish_sign_in import FinishSignIn, finish_sign_in
from liuhen.flows.people.make_token import MakeToken, make_token
from liuhen.flows.people.prove_session import ProveSession, prove_session
from liuhen.flows.people.register_party import RegisterParty, register_party
from liuhen.flows.people.remove_factor import RemoveFactor, remove_factor
from liuhen.flows.people.renew_backup_codes import RenewBackupCodes, renew_backup_codes
from liuhen.flows.people.reset_second_factor import ResetSecondFactor, reset_second_factor
from liuhen.flows.people.sign_in import SignedIn, SignIn, sign_in
from liuhen.flows.people.token_for_password import TokenForPassword, token_for_password
from liuhen.parties.model import Role, Scope
from liuhen.reads import second_factor, visitors
from liuhen.steps.begin_session import Begun
from tests.edge.doors import KEYS
from tests.flows.authenticator import SoftKey

PASSWORD = "correct horse 9"
HERE = Place("https://shop.example", "shop.example")


class Staff:
    """One person at one time; `tick` moves it on by a step of the authenticator."""

    def __init__(self, db: Database, agreements: Agreements, now: datetime) -> None:
        self.db, self.agreements, self.now = db, agreements, now
        self.party_id = UUID(int=0)
        self.secret = ""

    async def join(self, login: str, *roles: Role) -> UUID:
        cmd = RegisterParty(login=login, password=PASSWORD, terms_version="2026-11-1", roles=frozenset(roles))
        made = await register_party(self.db, cmd, now=self.now, keys=KEYS, agreements=self.agreements)
        self.party_id = made.party_id
        return made.party_id

    def tick(self, **length: int) -> None:
        self.now += timedelta(**(length or {"seconds": 30}))

    def code(self, off: int = 0) -> str:
        return totp.code_at(self.secret, totp.step_of(self.now) + off)

    async def enter(self, login: str = "anna", password: str = PASSWORD) -> SignedIn:
        return await sign_in(self.db, SignIn(login=login, password=password), now=self.now, keys=KEYS)

    async def finish(self, half: SignedIn, proof: Proof, ip: str = "") -> Begun:
        cmd = FinishSignIn(token=half.token, proof=proof, ip=ip)
        return await finish_sign_in(self.db, cmd, now=self.now, keys=KEYS, place=HERE)

    async def over(self, half: SignedIn, proof: Proof) -> None:
        """The half session itself is refused, whatever is shown."""
        with pytest.raises(Unauthenticated) as caught:
            await self.finish(half, proof)
        assert caught.type is Unauthenticated

    async def code_in(self, code: str) -> Begun:
        return await self.finish(await self.enter(), Proof(code=code))

    async def enrol(self, session_id: UUID) -> FactorAdded:
        """An authenticator, confirmed with its current code."""
        await begin_totp(self.db, BeginTotp(self.party_id, session_id), now=self.now, keys=KEYS)
        async with self.db.read() as tx:
            pending = await second_factor.pending_totp(tx, self.party_id, KEYS)
        assert pending is not None
        self.secret = pending.secret
        cmd = ConfirmTotp(party_id=self.party_id, session_id=session_id, code=self.code())
        return await confirm_totp(self.db, cmd, now=self.now, keys=KEYS)

    async def ask(self, *, half: str = "", session_id: UUID | None = None, to_add: bool = False) -> bytes:
        party_id = self.party_id if session_id else None
        cmd = AskPasskey(half_token=half, party_id=party_id, session_id=session_id, to_add=to_add)
        return (await ask_passkey(self.db, cmd, now=self.now, keys=KEYS, place=HERE, site="留痕")).options

    async def add_key(self, session_id: UUID, answer: str, name: str = "蓝色") -> PasskeyAdded:
        cmd = AddPasskey(party_id=self.party_id, session_id=session_id, name=name, answer=answer)
        return await add_passkey(self.db, cmd, now=self.now, keys=KEYS, place=HERE)

    async def known(self, token: str) -> visitors.Known | None:
        async with self.db.read() as tx:
            return await visitors.by_session(tx, KEYS.hash_token(token), self.now)

    async def told(self) -> list[str]:
        async with self.db.read() as tx:
            rows = await tx.fetch("select kind from notice where book_id = $1 order by id", self.party_id)
        return [row["kind"] for row in rows]


@pytest.fixture
async def anna(db: Database, now: datetime) -> Staff:
    made = Staff(db, load_agreements(), now)
    await made.join("anna", Role.ADMIN)
    return made


@pytest.fixture
async def safe(anna: Staff) -> Staff:
    """Anna with an authenticator whose code of now is used."""
    await anna.enrol((await anna.enter()).session_id)
    return anna


async def test_the_first_factor_ends_other_sessions_and_brings_backup_codes(anna: Staff) -> None:
    mine, other = await anna.enter(), await anna.enter()
    added = await anna.enrol(mine.session_id)
    assert len(added.backup_codes) == 10
    assert await anna.known(mine.token) is None and await anna.known(other.token) is None
    known = await anna.known(added.token)
    assert known is not None and known.second_factor and known.key_id == mine.session_id
    assert await anna.told() == ["SECOND_FACTOR_ADDED"]


async def test_the_secret_lies_sealed_and_codes_lie_hashed(safe: Staff) -> None:
    codes = await renew_backup_codes(
        safe.db, RenewBackupCodes(safe.party_id, await _fresh(safe)), now=safe.now, keys=KEYS
    )
    async with safe.db.read() as tx:
        rows = await tx.fetch("select t.*, b.* from totp_factor t, backup_code b")
    text = repr([tuple(row) for row in rows])
    assert safe.secret not in text and not any(code in text for code in codes.codes)


async def test_password_alone_opens_half_a_session_that_is_none(safe: Staff) -> None:
    half = await safe.enter()
    assert half.half and await safe.known(half.token) is None
    safe.tick()
    begun = await safe.finish(half, Proof(code=safe.code()))
    known = await safe.known(begun.token)
    assert known is not None and known.party_id == safe.party_id and begun.token != half.token
    await safe.over(half, Proof(code=safe.code(1)))  # the half session is used up


async def test_half_a_session_ends_after_five_minutes(safe: Staff) -> None:
    half = await safe.enter()
    safe.tick(minutes=5)
    await safe.over(half, Proof(code=safe.code()))
    with pytest.raises(Unauthenticated):
        await safe.ask(half=half.token)


async def test_a_code_is_good_once_and_a_step_off_at_most(safe: Staff) -> None:
    with pytest.raises(BadCode):  # it confirmed the app
        await safe.code_in(safe.code())
    for wrong in (safe.code(-1), safe.code(2)):
        with pytest.raises(BadCode):
            await safe.code_in(wrong)
    ahead = safe.code(1)
    await safe.code_in(ahead)
    with pytest.raises(BadCode):
        await safe.code_in(ahead)


async def test_of_two_requests_with_one_code_one_gets_in(safe: Staff) -> None:
    safe.tick()
    halves = [await safe.enter() for _ in range(4)]
    tried = await asyncio.gather(
        *(safe.finish(half, Proof(code=safe.code())) for half in halves), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in tried) == ["BadCode", "BadCode", "BadCode", "Begun"]


async def test_wrong_codes_lock_for_a_quarter_of_an_hour_and_say_how_long(safe: Staff) -> None:
    safe.tick()
    for n in range(5):
        with pytest.raises(BadCode):
            await safe.finish(await safe.enter(), Proof(code=f"{n:06}"), ip=f"203.0.113.{n}")
    with pytest.raises(RateLimited) as caught:
        await safe.code_in(safe.code())
    assert 0 < caught.value.data["retry_after_seconds"] <= 15 * 60 + 1
    safe.tick(minutes=15)
    assert await safe.code_in(safe.code())


async def test_guessing_all_day_ends_at_thirty(safe: Staff) -> None:
    safe.now = safe.now.replace(hour=0) + timedelta(days=1)
    for _ in range(6):
        for n in range(5):
            with pytest.raises(BadCode):
                await safe.code_in(f"{n:06}")
        safe.tick(minutes=15)
    with pytest.raises(RateLimited) as caught:
        await safe.code_in(safe.code())
    assert caught.value.data["retry_after_seconds"] > 20 * 3600


async def test_a_backup_code_works_once_however_it_is_typed(anna: Staff) -> None:
    added = await anna.enrol((await anna.enter()).session_id)
    first = added.backup_codes[0]
    begun = await anna.code_in(f" {first.lower().replace('-', ' ')} ")
    known = await anna.known(begun.token)
    assert known is not None and known.second_factor
    with pytest.raises(BadCode):
        await anna.code_in(first)
    assert "BACKUP_CODE_USED" in await anna.told()
    await renew_backup_codes(anna.db, RenewBackupCodes(anna.party_id, begun.session_id), now=anna.now, keys=KEYS)
    with pytest.raises(BadCode):
        await anna.code_in(added.backup_codes[1])


async def test_nobody_uses_anothers_backup_code(anna: Staff) -> None:
    codes = (await anna.enrol((await anna.enter()).session_id)).backup_codes
    await anna.join("ben")
    await anna.enrol((await anna.enter("ben")).session_id)
    with pytest.raises(BadCode):
        await anna.finish(await anna.enter("ben"), Proof(code=codes[0]))


async def test_changing_how_one_signs_in_needs_a_proof_of_ten_minutes(safe: Staff) -> None:
    session = await _fresh(safe)
    safe.tick(minutes=10, seconds=1)
    with pytest.raises(SecondFactorNeeded):
        await remove_factor(safe.db, RemoveFactor(party_id=safe.party_id, session_id=session), now=safe.now)
    with pytest.raises(SecondFactorNeeded):
        await safe.ask(session_id=session, to_add=True)
    with pytest.raises(SecondFactorNeeded):
        await renew_backup_codes(safe.db, RenewBackupCodes(safe.party_id, session), now=safe.now, keys=KEYS)
    new = ChangePassword(
        party_id=safe.party_id, old_password=PASSWORD, new_password="another one 77", session_id=session
    )
    with pytest.raises(SecondFactorNeeded):
        await change_password(safe.db, new, now=safe.now, keys=KEYS, place=HERE)
    token = MakeToken(party_id=safe.party_id, session_id=session, name="script", scopes=frozenset({Scope.READ}))
    with pytest.raises(SecondFactorNeeded):
        await make_token(safe.db, token, now=safe.now, keys=KEYS)
    prove = ProveSession(party_id=safe.party_id, session_id=session, password=PASSWORD)
    with pytest.raises(BadCode):  # the password is not enough for who has more
        await prove_session(safe.db, prove, now=safe.now, keys=KEYS, place=HERE)
    prove = ProveSession(party_id=safe.party_id, session_id=session, proof=Proof(code=safe.code()))
    proved = await prove_session(safe.db, prove, now=safe.now, keys=KEYS, place=HERE)
    assert await safe.known(proved.token)
    await make_token(safe.db, token, now=safe.now, keys=KEYS)
    assert (await change_password(safe.db, new, now=safe.now, keys=KEYS, place=HERE)).sessions_ended == 1


async def test_without_a_factor_the_password_is_the_proof(anna: Staff) -> None:
    opened = await anna.enter()
    anna.tick(minutes=11)
    with pytest.raises(SecondFactorNeeded):
        await begin_totp(anna.db, BeginTotp(anna.party_id, opened.session_id), now=anna.now, keys=KEYS)
    wrong = ProveSession(party_id=anna.party_id, session_id=opened.session_id, password="wrong password")
    with pytest.raises(InvalidInput):
        await prove_session(anna.db, wrong, now=anna.now, keys=KEYS, place=HERE)
    token = MakeToken(
        party_id=anna.party_id, session_id=opened.session_id, name="script", scopes=frozenset({Scope.BUY})
    )
    with pytest.raises(SecondFactorNeeded):  # a screen left open hands out nothing that lives for a year
        await make_token(anna.db, token, now=anna.now, keys=KEYS)
    right = ProveSession(party_id=anna.party_id, session_id=opened.session_id, password=PASSWORD)
    proved = await prove_session(anna.db, right, now=anna.now, keys=KEYS, place=HERE)
    assert await anna.known(opened.token) is None and await anna.known(proved.token)
    assert (await make_token(anna.db, token, now=anna.now, keys=KEYS)).token
    await anna.enrol(opened.session_id)
    with pytest.raises(StateConflict):  # one app at a time
        await begin_totp(anna.db, BeginTotp(anna.party_id, opened.session_id), now=anna.now, keys=KEYS)


async def test_taking_the_last_factor_off_makes_sessions_and_tokens_plain_again(safe: Staff) -> None:
    safe.tick()
    begun = await safe.code_in(safe.code())
    cmd = MakeToken(party_id=safe.party_id, session_id=begun.session_id, name="script", scopes=frozenset({Scope.ADMIN}))
    token = await make_token(safe.db, cmd, now=safe.now, keys=KEYS)
    removed = await remove_factor(
        safe.db, RemoveFactor(party_id=safe.party_id, session_id=begun.session_id), now=safe.now
    )
    known = await safe.known(begun.token)
    async with safe.db.read() as tx:
        bearer = await visitors.by_token(tx, KEYS.hash_token(token.token), safe.now)
    assert removed.last and known is not None and not known.second_factor
    assert bearer is not None and not bearer.second_factor
    assert not (await safe.enter()).half


async def test_a_passkey_signs_in_and_each_question_is_answered_once(anna: Staff) -> None:
    mine = await anna.enter()
    key = SoftKey(HERE.origin, HERE.rp_id)
    added = await anna.add_key(mine.session_id, key.add(await anna.ask(session_id=mine.session_id, to_add=True)))
    assert len(added.backup_codes) == 10
    half = await anna.enter()
    answer = key.use(await anna.ask(half=half.token))
    begun = await anna.finish(half, Proof(passkey=answer))
    async with anna.db.read() as tx:
        assert await tx.fetchval("select second_factor from session where id = $1", begun.session_id) == Way.PASSKEY
    again = await anna.enter()
    with pytest.raises(BadCode):
        await anna.finish(again, Proof(passkey=answer))
    await anna.ask(half=again.token)
    with pytest.raises(BadCode):  # an old answer to a new question
        await anna.finish(again, Proof(passkey=answer))


@pytest.mark.parametrize(
    ("field", "value"),
    [("origin", "https://shop.example.evil"), ("challenge", "AAAA"), ("type", "webauthn.create")],
)
async def test_answers_for_another_site_question_or_act_are_refused(anna: Staff, field: str, value: str) -> None:
    mine = await anna.enter()
    key = SoftKey(HERE.origin, HERE.rp_id)
    options = await anna.ask(session_id=mine.session_id, to_add=True)
    if field != "type":
        with pytest.raises(InvalidInput):
            await anna.add_key(mine.session_id, key.add(options, **{field: value}))
        with pytest.raises(InvalidInput):  # the question is gone
            await anna.add_key(mine.session_id, key.add(options))
        options = await anna.ask(session_id=mine.session_id, to_add=True)
    await anna.add_key(mine.session_id, key.add(options))
    half = await anna.enter()
    with pytest.raises(BadCode):
        await anna.finish(half, Proof(passkey=key.use(await anna.ask(half=half.token), **{field: value})))


async def test_a_question_is_over_after_five_minutes_and_belongs_to_its_session(anna: Staff) -> None:
    mine = await anna.enter()
    key = SoftKey(HERE.origin, HERE.rp_id)
    late = await anna.ask(session_id=mine.session_id, to_add=True)
    anna.tick(minutes=5)
    with pytest.raises(InvalidInput):
        await anna.add_key(mine.session_id, key.add(late))
    other = await anna.enter()
    asked = await anna.ask(session_id=mine.session_id, to_add=True)
    with pytest.raises(InvalidInput):
        await anna.add_key(other.session_id, key.add(asked))


async def test_a_copied_key_is_refused_and_its_owner_told(anna: Staff) -> None:
    mine = await anna.enter()
    key = SoftKey(HERE.origin, HERE.rp_id, counter=7)
    await anna.add_key(mine.session_id, key.add(await anna.ask(session_id=mine.session_id, to_add=True)))
    half = await anna.enter()
    await anna.finish(half, Proof(passkey=key.use(await anna.ask(half=half.token))))
    key.counter = 5  # the copy was made before
    half = await anna.enter()
    with pytest.raises(BadCode):
        await anna.finish(half, Proof(passkey=key.use(await anna.ask(half=half.token))))
    assert (await anna.told())[-1] == "PASSKEY_COPIED"


async def test_another_partys_key_and_another_key_open_nothing(anna: Staff) -> None:
    mine = await anna.enter()
    key = SoftKey(HERE.origin, HERE.rp_id)
    await anna.add_key(mine.session_id, key.add(await anna.ask(session_id=mine.session_id, to_add=True)))
    forged = SoftKey(HERE.origin, HERE.rp_id, credential_id=key.credential_id)
    half = await anna.enter()
    with pytest.raises(BadCode):
        await anna.finish(half, Proof(passkey=forged.use(await anna.ask(half=half.token))))
    await anna.join("ben")
    bens = await anna.enter("ben")
    own = SoftKey(HERE.origin, HERE.rp_id)
    await anna.add_key(bens.session_id, own.add(await anna.ask(session_id=bens.session_id, to_add=True)))
    half = await anna.enter("ben")
    with pytest.raises(BadCode):
        await anna.finish(half, Proof(passkey=key.use(await anna.ask(half=half.token))))


def said(answer: str) -> list[bytes] | None:
    """The bytes that a browser's answer names; None for what names none."""
    try:
        told = json.loads(answer)
        return [base64url_to_bytes(told["rawId"]), *(base64url_to_bytes(one) for one in told["response"].values())]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


async def test_whatever_a_browser_sends_as_an_answer_is_at_worst_wrong(anna: Staff) -> None:
    mine = await anna.enter()
    key = SoftKey(HERE.origin, HERE.rp_id)
    await anna.add_key(mine.session_id, key.add(await anna.ask(session_id=mine.session_id, to_add=True)))
    dice = random.Random(20261122)
    for n in range(30):
        half = await anna.enter()
        answer = key.use(await anna.ask(half=half.token))
        raw = list(answer)
        for _ in range(dice.randint(1, 4)):
            raw[dice.randrange(len(raw))] = dice.choice('{}[]":,Aa0\x00é=_-')
        junk = "".join(raw) if n else "[" * 2000
        if said(junk) == said(answer):
            continue  # a letter became itself, or stood in the last bits of base64, which say nothing
        with pytest.raises(BadCode):
            await anna.finish(half, Proof(passkey=junk))
        with pytest.raises(InvalidInput):
            options = await anna.ask(session_id=mine.session_id, to_add=True)
            torn = SoftKey(HERE.origin, HERE.rp_id).add(options)
            cut = dice.randrange(len(torn) // 2)
            await anna.add_key(mine.session_id, torn[:cut] + torn[cut + dice.randint(1, 60) :])


async def test_a_token_needs_the_code_too(safe: Staff) -> None:
    async def token(code: str, login: str = "anna", scope: Scope = Scope.ADMIN) -> str:
        cmd = TokenForPassword(
            login=login, password=PASSWORD, name="script", scopes=frozenset({scope}), code=code, ip="203.0.113.7"
        )
        return (await token_for_password(safe.db, cmd, now=safe.now, keys=KEYS, place=HERE)).token

    safe.tick()
    with pytest.raises(SecondFactorNeeded) as caught:
        await token("")
    assert caught.value.data["ways"] == ["totp", "backup_code"]
    with pytest.raises(BadCode):
        await token("000000")
    made = await token(safe.code())
    async with safe.db.read() as tx:
        known = await visitors.by_token(tx, KEYS.hash_token(made), safe.now)
    assert known is not None and known.second_factor
    await safe.join("rita", Role.REVIEWER)
    with pytest.raises(SecondFactorNeeded):  # staff without one gets no token for staff work
        await token("", "rita", Scope.REVIEW)
    assert await token("", "rita", Scope.READ)
    with pytest.raises(BadCredentials):
        await token("", "nobody", Scope.READ)


async def test_over_the_api_a_new_password_needs_the_code(safe: Staff) -> None:
    def cmd(code: str) -> ChangePassword:
        return ChangePassword(party_id=safe.party_id, old_password=PASSWORD, new_password="another one 77", code=code)

    safe.tick()
    with pytest.raises(SecondFactorNeeded):
        await change_password(safe.db, cmd(""), now=safe.now, keys=KEYS, place=HERE)
    with pytest.raises(BadCode):
        await change_password(safe.db, cmd("000000"), now=safe.now, keys=KEYS, place=HERE)
    half = await safe.enter()
    await change_password(safe.db, cmd(safe.code()), now=safe.now, keys=KEYS, place=HERE)
    safe.tick()
    await safe.over(half, Proof(code=safe.code()))  # what began with the old password is not finished


async def test_an_admin_takes_off_anothers_factor_on_record_but_not_his_own(safe: Staff) -> None:
    boss = safe.party_id
    await safe.join("rita", Role.REVIEWER)
    rita = safe.party_id
    await safe.enrol((await safe.enter("rita")).session_id)
    half = await safe.enter("rita")
    safe.tick()
    for staff, about in ((boss, boss), (rita, boss)):
        with pytest.raises(Forbidden):
            cmd = ResetSecondFactor(party_id=about, staff_id=staff, reason="手机丢了")
            await reset_second_factor(safe.db, cmd, now=safe.now)
    cmd = ResetSecondFactor(party_id=rita, staff_id=boss, reason="手机丢了")
    await reset_second_factor(safe.db, cmd, now=safe.now)
    with pytest.raises(StateConflict):
        await reset_second_factor(safe.db, cmd, now=safe.now)
    await safe.over(half, Proof(code=safe.code()))
    assert not (await safe.enter("rita")).half and (await safe.told())[-1] == "SECOND_FACTOR_RESET"
    await reset_second_factor(safe.db, ResetSecondFactor(login="anna", reason="operator"), now=safe.now)
    async with safe.db.read() as tx:
        acts = await tx.fetch("select staff_id, act from staff_act order by id")
    assert [tuple(row) for row in acts] == [(boss, "RESET_SECOND_FACTOR"), (UUID(int=0), "RESET_SECOND_FACTOR")]
    with pytest.raises(NotFound):
        await reset_second_factor(safe.db, ResetSecondFactor(login="nobody", reason="operator"), now=safe.now)


async def test_what_was_begun_and_never_finished_is_swept(anna: Staff) -> None:
    mine = await anna.enter()
    await begin_totp(anna.db, BeginTotp(anna.party_id, mine.session_id), now=anna.now, keys=KEYS)
    await anna.ask(session_id=mine.session_id, to_add=True)
    assert await sweep(anna.db, now=anna.now + timedelta(days=29)) == 0
    await sweep(anna.db, now=anna.now + timedelta(days=31))
    async with anna.db.read() as tx:
        left = await tx.one(
            "select (select count(*) from totp_factor) as a, (select count(*) from passkey_challenge) as b"
        )
    assert tuple(left) == (0, 0)


async def _fresh(staff: Staff) -> UUID:
    """A session of now, with the next code; the authenticator's step is then used."""
    staff.tick()
    return (await staff.code_in(staff.code())).session_id
