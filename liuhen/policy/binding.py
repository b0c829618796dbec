"""Whether a standard term binds the buyer: it does, it never became part of the contract, or it is void.

Asked by itself, apart from a claim. `terms.exclusion_binds` reads the clause that decides claims; here it is one kind.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from liuhen.policy.decision import Cite
from liuhen.policy.facts.terms import Exclusion
from liuhen.policy.terms import exclusion_binds


class TermKind(StrEnum):
    """What a term says."""

    NO_REASON_EXCLUSION = "no_reason_exclusion"  # no refund without a reason
    DEFECT_EXCLUSION = "defect_exclusion"  # no refund even where something is wrong (一经售出概不退换)
    PROMISE_WINDOW = "promise_window"  # until when a promised refund may be asked for
    INSPECTION_WINDOW = "inspection_window"  # not reported within this time counts as accepted
    RECEIPT_IS_ACCEPTANCE = "receipt_is_acceptance"  # confirming receipt means that the quality is right
    SILENCE_AGREES = "silence_agrees"  # whoever does not answer has agreed
    FINAL_DECISION = "final_decision"  # the platform's decision is final
    NO_COMPLAINT = "no_complaint"  # no complaint, report, mediation, arbitration or court
    SOLE_INTERPRETATION = "sole_interpretation"  # 最终解释权
    SELLER_BEARS_ALL = "seller_bears_all"  # whatever the platform owes by law, the seller bears
    NO_CONTRACT_AFTER_PAYMENT = "no_contract_after_payment"  # paid, and still no contract (随时砍单)
    BALANCE_ONLY = "balance_only"  # refunds go to the balance, not the way the money came
    REFUND_FEE = "refund_fee"  # a fee is kept from every refund
    CHOSEN_COURT = "chosen_court"  # only this court
    AUTO_RENEWAL = "auto_renewal"  # it renews and charges by itself


class Binding(StrEnum):
    """What becomes of it."""

    BINDS = "binds"
    NOT_PART = "not_part"  # it did not become part of the contract
    VOID = "void"  # it has no effect, however it was agreed


class TermQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A term, and how it was put to the one whom it burdens. confirmed_at: aware UTC."""

    kind: TermKind
    shown: bool = False  # conspicuously, before the contract was made
    confirmed_at: datetime | None = None  # confirmed by itself for this very order or agreement
    preticked: bool = False  # the box was ticked beforehand
    hidden_fault: bool = False  # with a window: the fault could not be seen within it


class TermAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the term, and the articles."""

    binding: Binding
    cites: tuple[Cite, ...]


_UNFAIR = (Cite("民法典", 497), Cite("消法", 26, 2), Cite("消法", 26, 3))
_UNTOLD = (Cite("民法典", 496, 2), Cite("电商法", 33), Cite("消法", 26, 1))
_REMEDIES = (
    Cite("网络消费规定", 1, 1, 4),
    Cite("网络交易办法", 21, 1, 3),
    Cite("电商法", 60),
    Cite("平台规则办法", 30, 1, 4),
)
_VOID: dict[TermKind, tuple[Cite, ...]] = {
    TermKind.DEFECT_EXCLUSION: (*_UNFAIR, Cite("网络交易办法", 21, 1, 1), Cite("消法实施条例", 17)),
    TermKind.RECEIPT_IS_ACCEPTANCE: (Cite("网络消费规定", 1, 1, 1), *_UNFAIR),
    TermKind.FINAL_DECISION: (*_REMEDIES, Cite("网络消费规定", 1, 1, 3)),
    TermKind.NO_COMPLAINT: _REMEDIES,
    TermKind.SOLE_INTERPRETATION: (Cite("网络消费规定", 1, 1, 3), Cite("网络交易办法", 21, 1, 5)),
    TermKind.SELLER_BEARS_ALL: (Cite("网络消费规定", 1, 1, 2), *_UNFAIR),
    TermKind.NO_CONTRACT_AFTER_PAYMENT: (Cite("电商法", 49, 2),),
    TermKind.REFUND_FEE: (Cite("消法", 24, 2), Cite("消法实施条例", 18, 2), *_UNFAIR),
}
# Not forbidden; they bind whom they were put to as the law wants it: (cites if so, cites if not).
_OPEN: dict[TermKind, tuple[tuple[Cite, ...], tuple[Cite, ...]]] = {
    TermKind.NO_REASON_EXCLUSION: (
        (Cite("消法", 25, 2), Cite("七日退货办法", 7, 1, 2), Cite("七日退货办法", 20, 2)),
        (Cite("消法", 25, 2), Cite("消法实施条例", 19, 2), Cite("七日退货办法", 20, 2)),
    ),
    TermKind.PROMISE_WINDOW: ((Cite("消法实施条例", 12), Cite("民法典", 496, 2)), _UNTOLD),
    TermKind.INSPECTION_WINDOW: ((Cite("民法典", 621, 1),), _UNTOLD),
    TermKind.SILENCE_AGREES: ((Cite("民法典", 140, 2),), (Cite("民法典", 140, 2),)),
    TermKind.BALANCE_ONLY: ((Cite("七日退货办法", 14, 3),), (Cite("七日退货办法", 14, 1), Cite("七日退货办法", 14, 3))),
    TermKind.CHOSEN_COURT: ((Cite("民诉解释", 31),), (Cite("民诉解释", 31), Cite("民法典", 496, 2))),
    TermKind.AUTO_RENEWAL: (
        (Cite("网络交易办法", 18), Cite("消法实施条例", 10, 2)),
        (Cite("网络交易办法", 18), Cite("消法实施条例", 10, 2), *_UNTOLD),
    ),
}
_SHOWN_IS_ENOUGH = frozenset({TermKind.PROMISE_WINDOW, TermKind.INSPECTION_WINDOW, TermKind.CHOSEN_COURT})
# A fault that cannot be seen in so short a time is not accepted by letting it pass (民法典 622).
_TOO_SHORT = (Cite("民法典", 622, 1), Cite("网络消费规定", 1, 1, 1))
CITES: tuple[Cite, ...] = tuple(
    dict.fromkeys(
        (
            *(cite for cites in _VOID.values() for cite in cites),
            *(cite for pair in _OPEN.values() for cites in pair for cite in cites),
            *_TOO_SHORT,
        )
    )
)


def binds(question: TermQuestion) -> TermAnswer:
    """Whether the term binds. A term that takes away what the law gives is void, however it was agreed; any other binds
    only whom it was shown to, and where the law wants a confirmation, only with one that was not ticked beforehand.
    """
    kind = question.kind
    if kind in _VOID:
        return TermAnswer(binding=Binding.VOID, cites=_VOID[kind])
    good, bad = _OPEN[kind]
    if not _put_rightly(question):
        return TermAnswer(binding=Binding.NOT_PART, cites=bad)
    if kind is TermKind.INSPECTION_WINDOW and question.hidden_fault:
        return TermAnswer(binding=Binding.VOID, cites=_TOO_SHORT)
    return TermAnswer(binding=Binding.BINDS, cites=good)


def _put_rightly(question: TermQuestion) -> bool:
    if question.kind in _SHOWN_IS_ENOUGH:
        return question.shown
    term = Exclusion(
        stated=True, shown=question.shown, confirmed_at=question.confirmed_at, preticked=question.preticked
    )
    return exclusion_binds(term)
