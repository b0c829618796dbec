"""What is kept of a refund: words, pictures, looks at keys, to-dos; and the proof that nothing was changed."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from liuhen.base.chain import canonical
from liuhen.base.config import Settings
from liuhen.base.db import Database, connect_owner
from liuhen.base.errors import Forbidden, InvalidInput, NotFound, StateConflict, TooLarge
from liuhen.base.objects import ObjectStore
from liuhen.edge.cli.evidence import prove
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.attach_picture import AttachPicture, PictureAttached, attach_picture
from liuhen.flows.aftersale.detach_picture import DetachPicture, detach_picture
from liuhen.flows.aftersale.expire_pictures import expire_pictures
from liuhen.flows.aftersale.finish_todo import FinishTodo, finish_todo
from liuhen.flows.aftersale.look_at_key import LookAtKey, look_at_key
from liuhen.flows.outbox.delete_erased import delete_erased
from liuhen.flows.outbox.erase_order import erase_order
from liuhen.flows.trade.attach_proof import AttachProof, attach_proof
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.show_goods import ShowGoods, show_goods
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.evidence import events, picture_of_case, pictures_of_case, staged_pictures, verify, verify_no
from liuhen.refunds.model import Answer, CaseState
from tests.flows.refunds import Bought


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore.open(tmp_path / "objects")


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), *, colour: int = 0, exif: bool = False) -> bytes:
    out = BytesIO()
    image = Image.new("RGB", size, (colour % 256, 120, 200))
    more = {}
    if exif:
        tags = Image.Exif()
        tags[0x010F] = "Secret Phone Maker"
        more["exif"] = tags
    image.save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


async def stage(world: Bought, objects: ObjectStore, placed: PlacedOrder, data: bytes) -> PictureAttached:
    attach = AttachPicture(
        party_id=world.buyer_id,
        filename="../屏幕\u202e截图.png",
        data=data,
        book_id=world.seller_id,
        order_id=placed.order_id,
    )
    return await attach_picture(world.db, attach, objects=objects, rules=world.rules, now=world.now)


async def test_pictures_wait_for_their_case_and_their_hash_goes_into_the_chain(
    world: Bought, objects: ObjectStore
) -> None:
    placed = await world.bought()
    await world.reveal(placed)
    data = picture("JPEG", (4000, 1000), exif=True)
    attached = await stage(world, objects, placed, data)
    assert (attached.sha256, attached.width) == (hashlib.sha256(data).hexdigest(), 4000)
    assert await world.events(placed) == ["ORDER_PLACED", "PAID", "DELIVERED_SEALED", "SEAL_BROKEN"]
    (case,) = (await world.ask(placed, ReasonCode.INVALID_KEY, pictures=(attached.picture_id,))).cases
    async with world.db.read() as tx:
        (kept,) = await pictures_of_case(tx, world.seller_id, case.case_id)
        record = await events(tx, placed.book_id, placed.order_id)
        assert await staged_pictures(tx, world.seller_id, placed.order_id, world.buyer_id, world.now) == []
    assert kept.filename == "屏幕截图.png"
    assert record[-1].payload["data"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert await objects.get(kept.original_key) == data
    view = await objects.get(kept.view_key)
    assert b"Secret Phone Maker" in data and b"Secret Phone Maker" not in view
    with Image.open(BytesIO(view)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (2048, 512))
    await world.proven(placed)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_the_three_formats_are_known_by_content(world: Bought, objects: ObjectStore, kind: str) -> None:
    placed = await world.bought()
    attached = await stage(world, objects, placed, picture(kind))
    assert attached.media_type == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ" + bytes(200), picture("GIF"), picture("BMP")],
    ids=["empty", "svg", "exe", "gif", "bmp"],
)
async def test_everything_else_is_refused(world: Bought, objects: ObjectStore, data: bytes) -> None:
    placed = await world.bought()
    with pytest.raises(InvalidInput):
        await stage(world, objects, placed, data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_broken_picture_is_refused(world: Bought, objects: ObjectStore, kind: str) -> None:
    placed = await world.bought()
    whole = picture(kind, (600, 600))
    with pytest.raises(InvalidInput):
        await stage(world, objects, placed, whole[: len(whole) // 2])


@pytest.mark.parametrize("edge", [8_000, 12_000, 20_000])
async def test_a_decompression_bomb_is_refused_before_it_is_unpacked(
    world: Bought, objects: ObjectStore, edge: int
) -> None:
    placed = await world.bought()
    bomb = BytesIO()
    Image.new("1", (edge, edge)).save(bomb, "PNG")
    with pytest.raises(TooLarge):
        await stage(world, objects, placed, bomb.getvalue())


async def test_six_pictures_of_ten_megabytes_and_no_more(world: Bought, objects: ObjectStore) -> None:
    placed = await world.bought()
    with pytest.raises(TooLarge):
        await stage(world, objects, placed, bytes(10_000_001))
    for colour in range(6):
        await stage(world, objects, placed, picture(colour=colour))
    with pytest.raises(TooLarge):
        await stage(world, objects, placed, picture(colour=7))


async def test_pictures_are_for_the_parties_and_staff_alone(world: Bought, objects: ObjectStore) -> None:
    placed, case = await world.invalid()
    stranger, reviewer = await world.party("旁人"), await world.party("甲", Role.REVIEWER)
    added = await attach_picture(
        world.db,
        AttachPicture(party_id=world.seller_id, filename="a.png", data=picture(), case_no=case.case_no),
        objects=objects,
        rules=world.rules,
        now=world.now,
    )
    assert added.staged is False
    async with world.db.read() as tx:
        for viewer, staff in ((world.buyer_id, False), (world.seller_id, False), (reviewer, True)):
            found = await picture_of_case(tx, case.case_no, added.picture_id, viewer, staff=staff)
            assert found.uploader_role == "SELLER"
        with pytest.raises(NotFound):
            await picture_of_case(tx, case.case_no, added.picture_id, stranger, staff=False)
    with pytest.raises(NotFound):
        await attach_picture(
            world.db,
            AttachPicture(party_id=stranger, filename="a.png", data=picture(), case_no=case.case_no),
            objects=objects,
            rules=world.rules,
            now=world.now,
        )
    assert (await world.events(placed))[-1] == "PICTURE_KEPT"


async def test_somebody_elses_waiting_picture_cannot_be_used(world: Bought, objects: ObjectStore) -> None:
    placed = await world.bought()
    attached = await stage(world, objects, placed, picture())
    other = await world.bought()
    with pytest.raises(NotFound):
        await world.ask(other, ReasonCode.CHANGE_OF_MIND, pictures=(attached.picture_id,))
    assert await world.unit_states(other) == ["SEALED"]


async def test_what_is_never_submitted_goes_after_a_day_and_what_is_used_stays(
    world: Bought, objects: ObjectStore
) -> None:
    placed = await world.bought()
    await world.reveal(placed)
    used = await stage(world, objects, placed, picture(colour=1))
    left = await stage(world, objects, placed, picture(colour=2))
    assert (await stage(world, objects, placed, picture(colour=1))).picture_id == used.picture_id
    await world.fund(world.buyer_id, 9800)
    other = await world.order(world.buyer_id, world.seller_id, world.product)
    again = await stage(world, objects, other, picture(colour=1))  # the same bytes for another order
    await detach_picture(
        world.db,
        DetachPicture(
            party_id=world.buyer_id, book_id=world.seller_id, order_id=other.order_id, picture_id=again.picture_id
        ),
        now=world.now,
    )
    await world.ask(placed, ReasonCode.INVALID_KEY, pictures=(used.picture_id,))
    world.later(hours=24)
    assert (await expire_pictures(world.db, objects=objects, now=world.now)).objects == 2
    async with world.db.read() as tx:
        assert await tx.fetchval("select count(*) from evidence_staged") == 0
        keys = await tx.one("select original_key, view_key from evidence_item")
    assert await objects.exists(keys["original_key"]) and await objects.exists(keys["view_key"])
    assert not await objects.exists(f"originals/{world.buyer_id}/{left.sha256}")


class Meddled:
    """An object store at whose first deletion something else happens first."""

    def __init__(self, objects: ObjectStore, meanwhile: Callable[[str], Awaitable[object]]) -> None:
        self._objects, self._meanwhile, self.first = objects, meanwhile, True

    async def delete(self, key: str) -> None:
        if self.first:
            self.first = False
            await self._meanwhile(key)
        await self._objects.delete(key)


async def test_a_picture_that_is_handed_in_again_while_the_old_ones_go_stays(
    world: Bought, objects: ObjectStore
) -> None:
    placed = await world.bought()
    shown = {(await stage(world, objects, placed, picture(colour=n))).sha256: picture(colour=n) for n in (1, 2)}
    world.later(hours=25)
    again: list[PictureAttached] = []

    async def hand_in(going: str) -> None:
        (data,) = [data for sha, data in shown.items() if not going.endswith(sha)]
        again.append(await stage(world, objects, placed, data))

    await expire_pictures(world.db, objects=Meddled(objects, hand_in), now=world.now)  # type: ignore[arg-type]
    for sha, data in shown.items():
        key = f"originals/{world.buyer_id}/{sha}"
        assert (await objects.get(key) == data) if sha == again[0].sha256 else not await objects.exists(key)
        assert await objects.exists(key.replace("originals", "views")) is (sha == again[0].sha256)


class Slow:
    """An object store where something happens between a picture's bytes and its row."""

    def __init__(self, objects: ObjectStore, *, put: Callable[[], Awaitable[object]] | None = None) -> None:
        self._objects, self._after_put = objects, put

    async def put(self, key: str, data: bytes) -> None:
        await self._objects.put(key, data)
        if key.startswith("views/") and self._after_put is not None:
            happens, self._after_put = self._after_put, None
            await happens()

    async def exists(self, key: str) -> bool:
        return await self._objects.exists(key)


async def test_a_picture_whose_bytes_went_with_an_older_same_one_before_its_row_keeps_them(
    world: Bought, objects: ObjectStore
) -> None:
    placed = await world.bought()
    await stage(world, objects, placed, picture())
    world.later(hours=25)

    async def expire() -> None:
        assert (await expire_pictures(world.db, objects=objects, now=world.now)).objects == 2

    again = await stage(world, Slow(objects, put=expire), placed, picture())  # type: ignore[arg-type]
    key = f"originals/{world.buyer_id}/{again.sha256}"
    assert await objects.exists(key) and await objects.exists(key.replace("originals", "views"))


async def test_an_older_same_picture_waits_for_the_row_of_the_new_one_and_leaves_its_bytes(
    world: Bought, objects: ObjectStore
) -> None:
    """The new one has looked for its bytes and not committed: whoever would delete them stands in line behind it."""
    placed = await world.bought()
    await stage(world, objects, placed, picture())
    world.later(hours=25)
    going: list[asyncio.Task[object]] = []

    class Looked(Slow):
        async def exists(self, key: str) -> bool:
            found = await super().exists(key)
            if not going:
                going.append(asyncio.create_task(expire_pictures(world.db, objects=objects, now=world.now)))
                await _somebody_waits(world)
            return found

    again = await stage(world, Looked(objects), placed, picture())  # type: ignore[arg-type]
    await going[0]
    key = f"originals/{world.buyer_id}/{again.sha256}"
    assert await objects.exists(key) and await objects.exists(key.replace("originals", "views"))


async def _somebody_waits(world: Bought) -> None:
    waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
    async with asyncio.timeout(60):
        while True:
            async with world.db.read() as tx:
                if await tx.fetchval(waits):
                    return
            await asyncio.sleep(0.01)


async def test_erased_pictures_that_are_handed_in_again_for_another_order_stay(
    world: Bought, objects: ObjectStore
) -> None:
    """A shop shows the same picture with every delivery. Its first order is erased, the second has just begun."""
    world.seller_id, world.buyer_id = await world.seller(), await world.party("林")
    world.product = await world.listing(world.seller_id, kind=GoodsKind.BOOSTING_SERVICE)
    first = await _delivered_with_proof(world, objects)
    confirm = ConfirmReceipt(buyer_id=world.buyer_id, book_id=world.seller_id, order_id=first)
    await confirm_receipt(world.db, confirm, now=world.now)
    world.later(days=1200)
    assert (await erase_order(world.db, world.seller_id, first, days=1096, now=world.now)).erased
    await _delivered_with_proof(world, objects)
    assert await delete_erased(world.db, objects=objects, now=world.now) == 1
    async with world.db.read() as tx:
        rows = await tx.fetch("select original_key, view_key from evidence_item")
    for row in rows:
        assert await objects.get(row["original_key"]) == picture() and await objects.exists(row["view_key"])
    assert len(rows) == 2


async def _delivered_with_proof(world: Bought, objects: ObjectStore) -> UUID:
    await world.fund(world.buyer_id, 9800)
    placed = await world.order(world.buyer_id, world.seller_id, world.product)
    deliver = DeliverByHand(seller_id=world.seller_id, order_id=placed.order_id, line_no=1, text="完成了")
    done = await deliver_by_hand(world.db, deliver, keys=world.keys, rules=world.rules, now=world.now)
    proof = AttachProof(
        seller_id=world.seller_id,
        order_id=placed.order_id,
        delivery_id=done.delivery_id,
        filename="a.png",
        data=picture(),
    )
    await attach_proof(world.db, proof, objects=objects, now=world.now)
    return placed.order_id


async def test_a_reviewer_looks_at_a_revealed_key_and_both_sides_are_told(world: Bought) -> None:
    placed, case = await world.invalid()
    reviewer = await world.party("甲", Role.REVIEWER)
    (unit,) = case.units
    look = LookAtKey(reviewer_id=reviewer, case_no=case.case_no, unit_id=unit, reason="核对发行方回执")
    seen = await look_at_key(world.db, look, keys=world.keys, now=world.now)
    assert seen.fields[0].startswith("KEY-")
    for party in (world.buyer_id, world.seller_id):
        assert "KEY_LOOKED_AT" in await world.notices(party)
    async with world.db.read() as tx:
        assert await tx.fetchval("select viewer_role from key_look where unit_id = $1", unit) == "REVIEWER"
        record = await events(tx, placed.book_id, placed.order_id)
    assert record[-1].payload["kind"] == "KEY_LOOKED_AT"
    assert seen.fields[0] not in str([event.payload for event in record])
    for party, error in ((world.buyer_id, Forbidden), (world.seller_id, Forbidden)):
        with pytest.raises(error):
            await look_at_key(
                world.db,
                LookAtKey(reviewer_id=party, case_no=case.case_no, unit_id=unit, reason="想看看而已"),
                keys=world.keys,
                now=world.now,
            )
    with pytest.raises(InvalidInput):
        await look_at_key(
            world.db,
            LookAtKey(reviewer_id=reviewer, case_no=case.case_no, unit_id=unit, reason=" "),
            keys=world.keys,
            now=world.now,
        )
    await world.proven(placed)


async def test_a_sealed_key_is_decrypted_for_nobody(world: Bought) -> None:
    placed = await world.bought()
    world.later(days=3)  # past the instant window: the sealed key is asked for, not paid at once
    case = await world.ask_one(placed, ReasonCode.INVALID_KEY)
    assert case.state in (CaseState.AWAITING_SELLER, CaseState.UNDER_REVIEW)
    reviewer = await world.party("甲", Role.REVIEWER)
    with pytest.raises(StateConflict):
        await look_at_key(
            world.db,
            LookAtKey(reviewer_id=reviewer, case_no=case.case_no, unit_id=case.units[0], reason="核对发行方回执"),
            keys=world.keys,
            now=world.now,
        )
    async with world.db.read() as tx:
        assert await tx.fetchval("select count(*) from key_look") == 0


async def test_a_retired_key_is_masked_for_its_former_buyer_and_the_seller_voids_it(world: Bought) -> None:
    placed, case = await world.invalid()
    await world.answer(case, Answer.AGREED)
    with pytest.raises(StateConflict):
        await show_goods(
            world.db,
            ShowGoods(
                buyer_id=world.buyer_id, book_id=world.seller_id, order_id=placed.order_id, unit_id=case.units[0]
            ),
            keys=world.keys,
            now=world.now,
        )
    async with world.db.read() as tx:
        todo: UUID = await tx.fetchval("select id from seller_todo where book_id = $1", world.seller_id)
    with pytest.raises(NotFound):
        await finish_todo(world.db, FinishTodo(seller_id=world.buyer_id, todo_id=todo), now=world.now)
    await finish_todo(world.db, FinishTodo(seller_id=world.seller_id, todo_id=todo), now=world.now)
    with pytest.raises(NotFound):
        await finish_todo(world.db, FinishTodo(seller_id=world.seller_id, todo_id=todo), now=world.now)
    assert (await world.events(placed))[-1] == "KEY_VOIDED_SAID"
    await world.proven(placed)


async def test_words_of_all_sides_stand_in_one_thread(world: Bought) -> None:
    placed, case = await world.invalid()
    reviewer = await world.party("甲", Role.REVIEWER)
    stranger = await world.party("旁人")
    for author, staff in ((world.buyer_id, False), (world.seller_id, False), (reviewer, True)):
        said = AddNote(author_id=author, case_no=case.case_no, text=f"{author} 说", staff=staff)
        await add_note(world.db, said, rules=world.rules, now=world.later(minutes=1))
    with pytest.raises(NotFound):
        strange = AddNote(author_id=stranger, case_no=case.case_no, text="x")
        await add_note(world.db, strange, rules=world.rules, now=world.now)
    async with world.db.read() as tx:
        rows = await tx.fetch("select author_role from case_note order by at")
        record = await events(tx, placed.book_id, placed.order_id)
    assert [row["author_role"] for row in rows] == ["BUYER", "SELLER", "REVIEWER"]
    assert "说" not in str([event.payload for event in record])  # the chain keeps a salted hash of words
    assert "CASE_NOTE" in await world.notices(world.buyer_id)
    await world.answer(case, Answer.AGREED)
    with pytest.raises(StateConflict):
        late = AddNote(author_id=world.buyer_id, case_no=case.case_no, text="x")
        await add_note(world.db, late, rules=world.rules, now=world.now)


@pytest.mark.parametrize("change", ["payload", "hash", "drop", "drop_last", "swap"])
async def test_the_proof_names_the_first_broken_link(world: Bought, dsn: str, change: str) -> None:
    placed, case = await world.invalid()
    await world.answer(case, Answer.REFUSED)
    where = f"book_id = '{placed.book_id}' and order_id = '{placed.order_id}'"
    statements = {
        "payload": (f"update chain_event set payload = payload || ' ' where {where} and seq = 3", 3),
        "hash": (f"update chain_event set hash = sha256(hash) where {where} and seq = 2", 2),
        "drop": (f"delete from chain_event where {where} and seq = 4", 4),
        "drop_last": (f"delete from chain_event where {where} and seq = (select seq from chain_head where {where})", 7),
        "swap": (
            f"update chain_event e set payload = o.payload from chain_event o where e.{where.replace('and ', 'and e.')}"
            f" and o.book_id = e.book_id and o.order_id = e.order_id"
            " and ((e.seq = 2 and o.seq = 5) or (e.seq = 5 and o.seq = 2))",
            2,
        ),
    }
    sql, broken = statements[change]
    async with world.db.read() as tx:
        whole = await verify_no(tx, placed.order_no)
        assert (whole.first_broken, whole.links) == (None, 7)
    owner = await connect_owner(dsn)
    await owner.execute(sql)
    await owner.close()
    async with world.db.read() as tx:
        found = await verify(tx, placed.book_id, placed.order_id)
    assert found.first_broken == broken
    assert str(broken) in found.why


async def test_the_record_is_canonical_and_ordered(world: Bought) -> None:
    placed, case = await world.invalid()
    await world.answer(case, Answer.REFUSED)
    async with world.db.read() as tx:
        record = await events(tx, placed.book_id, placed.order_id)
        raw = await tx.fetch("select payload from chain_event where order_id = $1 order by seq", placed.order_id)
    assert [event.payload["kind"] for event in record] == [
        "ORDER_PLACED",
        "PAID",
        "DELIVERED_SEALED",
        "SEAL_BROKEN",
        "REFUND_REQUESTED",
        "SELLER_ANSWERED",
        "REVIEW_DUE",
    ]
    assert [canonical(event.payload) for event in record] == [row["payload"] for row in raw]
    assert datetime.fromisoformat(record[0].payload["at"]) - world.now <= timedelta(0)


async def test_the_command_proves_an_order_and_its_pictures(
    world: Bought, tmp_path: Path, dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=str(tmp_path))
    objects = ObjectStore.open(settings.objects_path)
    placed = await world.bought()
    await world.reveal(placed)
    attached = await stage(world, objects, placed, picture())
    await world.ask(placed, ReasonCode.INVALID_KEY, pictures=(attached.picture_id,))
    assert await prove(settings, dsn, [placed.order_no.lower()]) == 0
    assert "6 links hold" in capsys.readouterr().out
    await objects.put(f"originals/{world.buyer_id}/{attached.sha256}", b"something else")
    assert await prove(settings, dsn, [placed.order_no]) == 1
    assert "was changed" in capsys.readouterr().out
    assert await prove(settings, dsn, ["LH000000-0000000X"]) == 2
