"""The refund table of a listing in words: the rules run on its terms, each row with the clause that decides it."""

from dataclasses import dataclass

from liuhen.policy.clauses.registry import NUMBERS
from liuhen.policy.explain import row_text
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.terms_table import ProductTerms, terms_table
from liuhen.reads.product_page import Goods


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the page shows it. number: the deciding clause as printed on the rules page; clause: its id."""

    situation: str
    result: str
    how_long: str
    number: str
    clause: str


def rows_of(goods: Goods, rulebook: Rulebook, lang: str) -> tuple[Row, ...]:
    """The rows for a listing under a rulebook, in the order in which a buyer asks."""
    content = goods.content
    terms = ProductTerms(
        kind=content.kind,
        sealed_delivery=goods.sealed,
        sealed_window_seconds=content.sealed_window_seconds or None,
        revealed_window_seconds=content.revealed_window_seconds,
        issuer_can_void=content.issuer_can_void,
        excludes_no_reason=content.excludes_no_reason,
        digital_content=content.kind is GoodsKind.SOFTWARE_LICENCE,
        silence_agreed=goods.silence_agreed,
    )
    return tuple(Row(*row_text(row, lang), NUMBERS[row.ground], row.ground) for row in terms_table(terms, rulebook))
