"""Staff over the API: who is frozen begins nothing, nobody judges himself, issuers, acts on record."""

from typing import Any
from uuid import UUID

import pytest

from liuhen.flows.funds.pay_refund import pay_refund
from liuhen.flows.funds.top_up import TopUp, top_up
from liuhen.flows.outbox.beat import beat
from liuhen.parties.model import Role
from liuhen.payments.port import AnswerState, RefundAnswer
from liuhen.policy.facts.claim import ReasonCode
from tests.edge.callers import Program, refused
from tests.edge.doors import Doors
from tests.flows.refunds import Bought

WHY = {"reason": "核对过身份"}


@pytest.fixture
async def story(doors: Doors) -> Bought:
    made = Bought(doors.db, doors.clock.at, keys=doors.app.keys)
    await made.bought(1)
    return made


async def _admin(doors: Doors, story: Bought) -> Program:
    return Program(await doors.api(await story.party("管理员", Role.ADMIN), "read", "review", "admin"))


async def test_a_frozen_party_begins_nothing_and_is_told_why(doors: Doors, story: Bought) -> None:
    await doors.login(story.buyer_id, "lin")
    admin, buyer = await _admin(doors, story), Program(await doors.api(story.buyer_id, "read", "buy"))
    path = f"/admin/parties/{story.buyer_id}"
    frozen = await admin.post(f"{path}/freeze", WHY)
    assert frozen["party"]["frozen_at"] and frozen["actions"][:2] == ["set_roles", "unfreeze"]
    refused(await admin.asks("POST", f"{path}/freeze", WHY), 409, "state_conflict")
    line = {"product_id": str(story.product), "version": 1, "no_reason_confirmed": True}
    refused(await buyer.asks("POST", "/orders", {"lines": [line]}), 401, "unauthenticated")  # signed out everywhere
    buyer = Program(await doors.api(story.buyer_id, "read", "buy"))
    refused(await buyer.asks("POST", "/orders", {"lines": [line]}), 403, "party_frozen")
    assert (await buyer.get("/me"))["frozen_reason"] == "核对过身份"
    order_no = (await buyer.get("/orders"))["items"][0]["order_no"]
    (unit,) = (await buyer.get(f"/orders/{order_no}"))["units"]
    ask = {"unit_ids": [unit["id"]], "reason": "CHANGE_OF_MIND"}
    await buyer.post(f"/orders/{order_no}/refund-requests", ask, 201)  # what began before goes on
    await admin.post(f"{path}/unfreeze", WHY)
    assert (await buyer.post("/orders", {"lines": [line]}, 201))["state"] == "AWAITING_PAYMENT"
    acts = [act["act"] for act in (await admin.get("/admin/acts", about=str(story.buyer_id)))["items"]]
    assert acts == ["UNFREEZE", "FREEZE"]


async def test_the_last_admin_stays(doors: Doors, story: Bought) -> None:
    admin = await _admin(doors, story)
    (me,) = (await admin.get("/admin/parties", crowd="staff"))["items"]
    answer = await admin.asks("PUT", f"/admin/parties/{me['party_id']}/roles", {"roles": [], **WHY})
    refused(answer, 409, "last_admin")
    refused(await admin.asks("POST", f"/admin/parties/{me['party_id']}/freeze", WHY), 409, "last_admin")
    roles = {"roles": ["reviewer", "admin"], **WHY}
    assert (await admin.put(f"/admin/parties/{story.buyer_id}/roles", roles))["party"]["roles"] == ["admin", "reviewer"]


async def test_nobody_judges_himself(doors: Doors, story: Bought) -> None:
    placed = await story.bought(1)
    (unit,) = await story.reveal(placed)
    case = await story.ask_one(placed, ReasonCode.INVALID_KEY, unit)
    judge = Program(await doors.api(story.buyer_id, "read", "buy", "review"))
    admin = await _admin(doors, story)
    await admin.put(f"/admin/parties/{story.buyer_id}/roles", {"roles": ["reviewer"], **WHY})
    path = f"/cases/{case.case_no}"
    refused(await judge.asks("POST", f"{path}/claim"), 403, "forbidden")
    refused(await judge.asks("POST", f"{path}/decide", {"ruling": "granted", "reasons": "是我的"}), 403, "forbidden")
    refused(await judge.asks("GET", f"/desk{path}/background"), 403, "forbidden")
    assert (await judge.get("/desk/cases"))["items"] == []
    found = await judge.get(path)
    assert found["side"] == "BUYER" and "review" not in found["actions"]


async def test_an_issuer_is_made_known_and_loses_his_word(doors: Doors, story: Bought) -> None:
    admin = await _admin(doors, story)
    made = await admin.post("/admin/issuers", {"name": "木棉发行"}, 201)
    assert made["secret"].startswith("whsec_") and made["url"].endswith(f"/callbacks/issuers/{made['issuer_id']}")
    refused(await admin.asks("POST", "/admin/issuers", {"name": "木棉发行"}), 409, "conflict")
    seller = Program(await doors.api(story.seller_id, "sell"))
    assert [item["id"] for item in (await seller.get("/seller/issuers"))["items"]] == [made["issuer_id"]]
    assert (await admin.asks("DELETE", f"/admin/issuers/{made['issuer_id']}")).status_code == 204
    assert (await seller.get("/seller/issuers"))["items"] == []
    (known,) = (await admin.get("/admin/issuers"))["items"]
    assert known["disabled_at"] and "secret" not in known


async def test_a_ban_holds_against_the_seller(doors: Doors, story: Bought) -> None:
    admin, seller = await _admin(doors, story), Program(await doors.api(story.seller_id, "sell"))
    ban = f"/admin/shops/{story.seller_id}/products/{story.product}/state"
    await admin.put(ban, {"state": "BANNED", **WHY})
    path = f"/seller/products/{story.product}"
    assert (await seller.get(path))["actions"] == []
    refused(await seller.asks("PUT", f"{path}/state", {"state": "ON_SALE"}), 403, "forbidden")
    await admin.put(ban, {"state": "OFF_SALE", **WHY})
    assert (await seller.put(f"{path}/state", {"state": "ON_SALE"}))["state"] == "ON_SALE"
    fee = await admin.put(f"/admin/shops/{story.seller_id}/fee", {"fee_basis_points": 300, **WHY})
    assert fee == {"before": 200, "after": 300}


async def test_an_admin_sees_what_is_at_work(doors: Doors, story: Bought) -> None:
    admin = await _admin(doors, story)
    overview = await admin.get("/admin/overview")
    assert overview["failed_refunds"] == [] and "operator_name" in overview["empty_fields"]
    assert (await admin.get("/admin/books"))["faults"] == []
    (channel,) = (await admin.get("/admin/channels"))["items"]
    assert channel["channel"] == "sandbox" and channel["captured"] == 1 and not channel["connected"]
    found = (await admin.get("/admin/parties", q=str(story.buyer_id)))["items"]
    assert [UUID(item["party_id"]) for item in found] == [story.buyer_id]


async def test_the_queue_does_not_shift_when_a_case_is_decided(doors: Doors, story: Bought) -> None:
    judge = Program(await doors.api(await story.party("审核员", Role.REVIEWER), "review"))
    for _ in range(3):
        placed = await story.bought(1)
        (unit,) = await story.reveal(placed)
        case = await story.ask_one(placed, ReasonCode.INVALID_KEY, unit)
        seller = Program(await doors.api(story.seller_id, "sell"))
        await seller.post(f"/cases/{case.case_no}/answer", {"answer": "REFUSED", "reasons": "发货时有效"})
        story.later(minutes=1)
        doors.clock.at = story.now
    first = await judge.get("/desk/cases", limit=1)
    (case,) = first["items"]
    await judge.post(f"/cases/{case['case_no']}/decide", {"ruling": "granted", "reasons": "卡密无效"})
    rest = (await judge.get("/desk/cases", limit=2, cursor=first["next"]))["items"]
    assert len({item["case_no"] for item in rest} | {case["case_no"]}) == 3
    assert [item["case_no"] for item in (await judge.get("/desk/cases", shelf="done"))["items"]] == [case["case_no"]]


class Refusing:
    """A channel that pays nothing back."""

    async def refund(self, **_: Any) -> RefundAnswer:
        return RefundAnswer(state=AnswerState.REJECTED, detail="ACCOUNT_CLOSED")


async def _failed_refund(story: Bought) -> None:
    """A sealed key paid over a channel goes back, and the channel will not pay."""
    placed = await story.bought(1, pay="channel")
    await story.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    async with story.db.read() as tx:
        row = await tx.one("select book_id, id from refund where state = 'APPROVED' and kind = 'CASE'")
    channels: Any = {"sandbox": Refusing()}
    await pay_refund(story.db, row["book_id"], row["id"], channels=channels, now=story.now)


async def test_what_needs_an_admin_is_all_there(doors: Doors, story: Bought) -> None:
    await beat(doors.db, "worker:1", now=story.now)
    await doors.login(story.buyer_id, "lin")
    await (await doors.api()).post("/api/v1/password-reset-wishes", {"login": "lin"})
    await _failed_refund(story)
    placed = await story.bought(1)
    (unit,) = await story.reveal(placed)
    case = await story.ask_one(placed, ReasonCode.INVALID_KEY, unit)
    seller = Program(await doors.api(story.seller_id, "sell"))
    await seller.post(f"/cases/{case.case_no}/answer", {"answer": "REFUSED", "reasons": "发货时有效"})
    await story.order(story.buyer_id, story.seller_id, story.product, pay=None)
    await top_up(doors.db, TopUp(party_id=story.buyer_id, amount_fen=100, channel="sandbox"), now=story.now)
    admin = await _admin(doors, story)
    doors.clock.at = story.later(hours=20)
    found = await admin.get("/admin/overview")
    assert [process["late"] for process in found["processes"]] == [True]
    assert {item["kind"] for item in found["stuck"]} >= {"EXPIRE_ORDER", "CLOSE_PAYMENT"}
    assert sum(item["count"] for item in found["backlog"]) >= 1
    (wish,), (failed,) = found["wishes"], found["failed_refunds"]
    assert wish["login"] == "lin" and failed["last_error"] == "ACCOUNT_CLOSED" and failed["amount_fen"] == 9800
    retried = await admin.post(f"/admin/refunds/{failed['shop_id']}/{failed['id']}/retry", WHY)
    assert retried["refund_no"] == failed["refund_no"]
    assert len((await admin.get("/admin/channels"))["pending"]) == 1
    doors.clock.at = story.later(days=6)
    fresh = await _admin(doors, story)  # tokens of tests live for a day
    late = (await fresh.get("/admin/overview"))["overdue_reviews"]
    assert [item["case_no"] for item in late] == [case.case_no]


async def test_cases_alike_stand_beside_a_case(doors: Doors, story: Bought) -> None:
    judge = Program(await doors.api(await story.party("审核员", Role.REVIEWER), "review"))
    seller = Program(await doors.api(story.seller_id, "sell"))
    await story.fund(story.buyer_id, 20_000)
    numbers = []
    for _ in range(2):
        placed = await story.order(story.buyer_id, story.seller_id, story.product)
        (unit,) = await story.reveal(placed)
        case = await story.ask_one(placed, ReasonCode.INVALID_KEY, unit)
        await seller.post(f"/cases/{case.case_no}/answer", {"answer": "REFUSED", "reasons": "发货时有效"})
        numbers.append(case.case_no)
    await judge.post(f"/cases/{numbers[0]}/decide", {"ruling": "refused", "reasons": "记录显示已兑换"})
    found = await judge.get(f"/desk/cases/{numbers[1]}/background")
    assert [item["case_no"] for item in found["alike"]] == [numbers[0]] and found["alike_paid"] == 0
    assert found["buyer"]["lost"] == 1 and found["seller"]["orders"] == 3 and found["record_holds"]
    decided = await seller.get("/seller/cases", shelf="decided")
    assert [item["case_no"] for item in decided["items"]] == [numbers[0]]
