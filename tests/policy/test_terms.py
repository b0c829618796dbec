"""The product page's table is what decides; terms and the rulebook."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from liuhen.base.errors import InvalidInput
from liuhen.policy import terms
from liuhen.policy.explain import row_text
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.terms import Exclusion
from liuhen.policy.rulebook import Param, in_force, rulebook_of
from liuhen.policy.terms_table import ProductTerms, terms_table
from tests.policy.world import BOOK, DATA, T0

CARD = ProductTerms(kind=GoodsKind.CARD_KEY, sealed_delivery=True)


def shown(product: ProductTerms) -> dict[str, tuple[str, str]]:
    return {row.key: row_text(row, "zh")[1:] for row in terms_table(product, BOOK)}


def test_the_table_of_a_card_key() -> None:
    product = replace(CARD, sealed_window_seconds=259_200, excludes_no_reason=True)
    assert [row_text(row, "zh") for row in terms_table(product, BOOK)] == [
        ("未拆封，24 小时内", "全额退", "即时，自动"),
        ("未拆封，24 小时到 3 天", "全额退", "卖家 24 小时内答复"),
        ("未拆封，超过 3 天，只是不想要了", "不支持，可要求人工判定", "—"),
        ("超过承诺时间 10 分钟仍未送达", "全额退", "即时，自动"),
        (
            "无效、面额或区域不符、已被用过，拆没拆封都算",
            "卖家拿不出相反证据的，全额退，或换货，由买家选",
            "卖家 24 小时内答复",
        ),
        ("已拆封，只是不想要了", "不支持，可要求人工判定", "—"),
    ]


def test_what_the_seller_promises_shows_up() -> None:
    plain = shown(CARD)
    assert plain["sealed_after"] == ("全额退", "卖家 24 小时内答复")
    assert "sealed_promised" not in plain
    promised = shown(replace(CARD, revealed_window_seconds=86_400))
    assert promised["revealed_promised"] == ("全额退", "卖家 24 小时内答复")


@pytest.mark.parametrize("kind", list(GoodsKind))
@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_has_a_table(kind: GoodsKind, sealed: bool, lang: str) -> None:
    rows = terms_table(ProductTerms(kind=kind, sealed_delivery=sealed), BOOK)
    assert len(rows) >= 4
    for row in rows:
        assert all(row_text(row, lang))


def test_a_change_in_the_rulebook_changes_the_page() -> None:
    longer = {**BOOK.params, "instant_window": replace(BOOK.params["instant_window"], value=172_800)}
    first = terms_table(CARD, replace(BOOK, params=longer))[0]
    assert row_text(first, "zh")[0] == "未拆封，48 小时内"


def test_delivery_is_when_it_can_be_opened_not_when_it_is_looked_at_a05() -> None:
    assert terms.delivery_moment(T0) == T0
    assert terms.delivery_moment(None, T0) == T0
    assert terms.delivery_moment(None) is None


def test_whether_an_exclusion_binds_b07() -> None:
    good = Exclusion(stated=True, shown=True, confirmed_at=T0)
    assert terms.exclusion_binds(good)
    for bad in (
        replace(good, stated=False),
        replace(good, shown=False),
        replace(good, confirmed_at=None),
        replace(good, preticked=True),
        Exclusion(),
    ):
        assert not terms.exclusion_binds(bad)


def test_the_workers_due_time_is_the_clauses_time() -> None:
    due = terms.refund_due_at(BOOK, Delivery(promised_at=T0), sealed_delivery=True)
    assert due == T0 + timedelta(minutes=10)
    waiting = Delivery(promised_at=T0, buyer_waits_until=T0 + timedelta(days=2))
    assert terms.refund_due_at(BOOK, waiting, sealed_delivery=False) == T0 + timedelta(days=2)
    assert terms.refund_due_at(BOOK, Delivery(), sealed_delivery=True) is None


def table() -> dict[str, Any]:
    return tomllib.loads((DATA / "rulebook" / "2026-11-1.toml").read_text())


def test_the_shipped_rulebook_is_whole() -> None:
    book = rulebook_of(table())
    assert book.version == "2026-11-1"
    assert book.value("instant_window") == 86_400
    assert book.effective_from - book.published_at >= timedelta(days=15)
    assert all(param.source for param in book.params.values())
    with pytest.raises(InvalidInput):
        book.value("no_such")


def test_a_broken_rulebook_is_refused() -> None:
    for name, value in (
        ("seller_answer", {"value": 1, "unit": "hours", "source": "x"}),
        ("seller_answer", {"value": -1, "unit": "seconds", "source": "x"}),
        ("seller_answer", {"value": 1, "unit": "seconds", "source": " "}),
        ("late_payment_delivers", {"value": 2, "unit": "switch", "source": "x"}),
        ("seller_answer", {"value": 1.5, "unit": "seconds", "source": "x"}),
        ("surprise", {"value": 1, "unit": "seconds", "source": "x"}),
    ):
        broken = table()
        broken["params"][name] = value
        with pytest.raises(InvalidInput):
            rulebook_of(broken)
    missing = table()
    del missing["params"]["seller_answer"]
    with pytest.raises(InvalidInput):
        rulebook_of(missing)


def test_the_version_in_force_at_the_order_applies() -> None:
    later = replace(BOOK, version="later", effective_from=datetime(2026, 12, 1, tzinfo=UTC))
    assert in_force([later, BOOK], T0) == BOOK
    assert in_force([BOOK, later], datetime(2026, 12, 1, tzinfo=UTC)) == later
    with pytest.raises(InvalidInput):
        in_force([BOOK], datetime(2026, 1, 1, tzinfo=UTC))
    assert Param(value=1, unit="switch", source="x").contested is False
