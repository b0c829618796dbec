"""The questions of the self-check, in the order in which they are asked where they matter.

What a choice sets is what stands if it is so: the answer page says that it all rests on what was said. What only the
asker says about the thing itself stays alleged; what he says against himself, or what the issuer has confirmed in
writing, stands.
"""

from typing import Any

from liuhen.policy.facts.claim import AnswerKind, Proof, ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.redemption import Seal, UsedBy, UseState
from liuhen.policy.facts.standing import Fact, Side, Source, Standing, alleged, established
from liuhen.policy.selfcheck.question import Ago, Answered, Choice, Number, Question

_HOUR, _DAY = 3_600, 86_400
ANY = "*"  # whatever the answer was, as long as there is one
UNKNOWN = "unknown"  # "I do not know": the one word for it in every question
SERVICES = ("direct_top_up", "virtual_coin", "boosting_service")
KEYS = tuple(kind.value for kind in GoodsKind if kind.value not in SERVICES)
LASTING = ("membership", "software_licence", "account_handover", "boosting_service")
HOUSES = ("here", "partner")
_R = ReasonCode


def _choice(key: str, *only: Answered, **sets: Any) -> Choice:
    """Paths are written with two underscores for a dot."""
    return Choice(key=key, only=only, sets={path.replace("__", "."): value for path, value in sets.items()})


def _because(key: str, reason: ReasonCode, *only: Answered, **sets: Any) -> Choice:
    return _choice(key, *only, claim__reason=reason, **sets)


def _shown(value: Any) -> Fact[Any]:
    return established(value, Source.BUYER)


def _official(value: Any) -> Fact[Any]:
    return established(value, Source.ISSUER)


def _rebutted() -> Fact[bool]:
    return Fact(value=True, source=Source.ISSUER, standing=Standing.REBUTTED)


_DUNNO = Choice(key=UNKNOWN)
_UNWANTED: Answered = ("topic", ("unwanted", "mistaken"))
_MINOR: Answered = ("topic", ("minor",))
_OF_KEYS: Answered = ("kind", KEYS)
_OF_SERVICES: Answered = ("kind", SERVICES)
_HERE: Answered = ("where", HOUSES)
_ELSEWHERE: Answered = ("where", ("elsewhere",))
_SAID_DONE: Answered = ("arrived", ("says_done",))
_NOT_YET: Answered = ("arrived", ("nothing", "after_claim"))
_SEEN: Answered = ("stage", ("seen",))
_HAD_IT: Answered = ("stage", ("unseen", "seen", "finished"))
# What the issuer, operator or game company says decides about these; how long it was had decides about "stopped".
_ABOUT_IT = ("invalid", "duplicate", "defective", "amount", "region", "validity", "described", "recovered")

_FIRST = (
    Question(
        key="kind",
        first=True,
        choices=tuple(_choice(kind.value, goods__kind=kind) for kind in GoodsKind),
    ),
    Question(key="where", first=True, choices=(Choice(key="here"), Choice(key="partner"), Choice(key="elsewhere"))),
    Question(
        key="topic",
        first=True,
        choices=(
            Choice(key="missing"),
            Choice(key="broken", only=(_OF_KEYS,)),
            Choice(key="differs"),
            Choice(key="stopped", only=(("kind", (*LASTING, *SERVICES)),)),
            Choice(key="money"),
            _because("unwanted", _R.CHANGE_OF_MIND),
            _because("mistaken", _R.WRONG_PURCHASE),
            _because("minor", _R.MINOR),
            Choice(key="fraud"),
        ),
    ),
    Question(
        key="detail",
        first=True,
        when=(("topic", ("missing", "broken", "differs", "stopped", "money", "fraud")),),
        choices=(
            _because("not_received", _R.NOT_RECEIVED, ("topic", ("missing",))),
            _because("late", _R.LATE_DELIVERY, ("topic", ("missing",))),
            _because("invalid", _R.INVALID_KEY, ("topic", ("broken",)), _OF_KEYS),
            _because("redeemed", _R.ALREADY_REDEEMED, ("topic", ("broken",)), _OF_KEYS),
            _because("duplicate", _R.DUPLICATE_KEY, ("topic", ("broken",)), _OF_KEYS),
            _because("defective", _R.DEFECTIVE, ("topic", ("broken", "differs"))),
            _because("amount", _R.INCORRECT_AMOUNT, ("topic", ("differs",))),
            _because("region", _R.WRONG_REGION, ("topic", ("differs",))),
            _because("validity", _R.SHORT_VALIDITY, ("topic", ("differs",)), _OF_KEYS),
            _because("described", _R.NOT_AS_DESCRIBED, ("topic", ("differs",))),
            _because("stopped", _R.SERVICE_STOPPED, ("topic", ("stopped", "broken"))),
            _because("unfinished", _R.UNFINISHED, ("topic", ("stopped",))),
            _because("recovered", _R.RECOVERED_BY_SELLER, ("topic", ("stopped",)), ("kind", LASTING)),
            _because("overcharged", _R.OVERCHARGED, ("topic", ("money",))),
            _because("twice", _R.DUPLICATE_CHARGE, ("topic", ("money",))),
            _because("renewal", _R.UNDISCLOSED_RENEWAL, ("topic", ("money",)), ("kind", LASTING)),
            _because("glitch", _R.PLATFORM_FAILURE, ("topic", ("money",))),
            _because("lied", _R.FRAUD_ALLEGED, ("topic", ("fraud",)), defects__fraud=alleged(True, Source.BUYER)),
            _because("outside", _R.NOT_RECEIVED, ("topic", ("fraud",))),
            _because("fee", _R.FRAUD_ALLEGED, ("topic", ("fraud",)), channel__fee_demanded=_shown(True)),
        ),
    ),
)

_DELIVERY = (
    Question(
        key="arrived",
        when=(("detail", ("not_received", "late")),),
        choices=(
            Choice(key="nothing"),
            Choice(key="after_claim"),
            _choice("says_done", ("detail", ("not_received",)), delivery__delivered_at=Ago(_HOUR)),
            _choice("useless", ("detail", ("late",)), delivery__delivered_at=Ago(_HOUR)),
        ),
    ),
    Question(
        key="due",
        when=(_NOT_YET, _HERE),
        choices=(Choice(key="not_yet"), Choice(key="grace"), Choice(key="over")),
    ),
    Question(
        key="urged",
        when=(_NOT_YET, _ELSEWHERE),
        choices=(Choice(key="never"), Choice(key="waiting"), Choice(key="over")),
    ),
    Question(
        key="stage",
        when=(_UNWANTED,),
        choices=(
            Choice(key="waiting"),
            _choice("begun", _OF_SERVICES, delivery__started=_shown(True)),
            _choice("finished", _OF_SERVICES, delivery__started=_shown(True), delivery__delivered_at=Ago(20 * _HOUR)),
            _choice("unseen", _OF_KEYS, redemption__seal=Seal.SEALED, delivery__delivered_at=Ago(20 * _HOUR)),
            _choice("seen", _OF_KEYS, redemption__seal=Seal.BROKEN, delivery__delivered_at=Ago(20 * _HOUR)),
        ),
    ),
)

_ITSELF = (
    Question(
        key="official",
        when=(("detail", _ABOUT_IT),),
        choices=(
            Choice(key="written"),
            Choice(key="page"),
            Choice(key="denied"),
            _DUNNO,
        ),
    ),
    Question(
        key="operator",
        when=(_SAID_DONE,),
        choices=(
            Choice(key="written"),
            Choice(key="page"),
            Choice(key="denied"),
            _DUNNO,
        ),
    ),
    Question(
        key="trace",
        when=(("detail", ("redeemed",)),),
        choices=(
            _choice("before", defects__already_redeemed=_official(True), redemption__use=_official(UseState.USED_UP)),
            _choice(
                "other",
                redemption__use=_official(UseState.USED_UP),
                redemption__used_by=_official(UsedBy.OTHER),
            ),
            _choice(
                "mine",
                defects__already_redeemed=_rebutted(),
                redemption__use=_official(UseState.USED_UP),
                redemption__used_by=_official(UsedBy.BUYER_SIDE),
            ),
            Choice(key="page"),
            _DUNNO,
        ),
    ),
    Question(
        key="ender",
        when=(("detail", ("stopped", "unfinished")),),
        choices=(
            _choice("seller_shown", measure__ended_by=_shown(Side.SELLER)),
            _choice("seller_said", measure__ended_by=alleged(Side.SELLER, Source.BUYER)),
            _choice("issuer_one", measure__ended_by=_official(Side.ISSUER)),
            _choice("issuer_all", defects__issuer_shutdown=_official(True)),
            _choice("me", measure__ended_by=_shown(Side.BUYER)),
            _DUNNO,
        ),
    ),
    Question(
        key="share",
        when=(("detail", ("stopped", "unfinished")),),
        numbers=(
            Number(key="total", path="measure.total", money=False, tries=(12, 365), most=100_000),
            Number(key="had", path="measure.had", money=False, tries=(3, 11), least=0, most=100_000),
        ),
    ),
    Question(
        key="work",
        when=(("stage", ("begun", "seen")), ("kind", LASTING)),
        numbers=(
            Number(key="total", path="measure.total", money=False, tries=(12, 365), most=100_000),
            Number(key="had", path="measure.had", money=False, tries=(3, 11), least=0, most=100_000),
        ),
    ),
    Question(
        key="value",
        when=(("detail", ("amount",)),),
        numbers=(
            Number(key="face", path="goods.face_value_fen", money=True, tries=(10_000, 20_000)),
            Number(key="actual", path="defects.actual_value_fen", money=True, tries=(5_000, 1_000), least=0),
        ),
    ),
)

_MONEY = (
    Question(
        key="prices",
        when=(("detail", ("overcharged",)),),
        numbers=(
            Number(key="paid", path="capacity.captured_fen", money=True, tries=(1_990, 3_000)),
            Number(key="shown", path="order.shown_price_fen", money=True, tries=(990, 1_000)),
        ),
    ),
    Question(
        key="charges",
        when=(("detail", ("twice",)),),
        numbers=(
            Number(key="paid", path="capacity.captured_fen", money=True, tries=(20_000, 30_000)),
            Number(key="twice", path="capacity.duplicate_captured_fen", money=True, tries=(10_000, 5_000)),
        ),
    ),
    Question(
        key="order",
        when=(("detail", ("glitch",)),),
        choices=(Choice(key="none"), Choice(key="there")),
    ),
    Question(
        key="reminder",
        when=(("detail", ("renewal",)),),
        choices=(
            _choice("none", terms__renewal_noticed=_shown(False)),
            _choice("no_way_out", terms__renewal_noticed=_shown(True), terms__renewal_stoppable=_shown(False)),
            _choice("both", terms__renewal_noticed=_shown(True), terms__renewal_stoppable=_shown(True)),
            _DUNNO,
        ),
    ),
    Question(
        key="led",
        when=(("detail", ("outside",)),),
        choices=(
            _choice("chat", channel__led_outside=_shown(True), capacity__captured_fen=0),
            _choice("said", channel__led_outside=alleged(True, Source.BUYER), capacity__captured_fen=0),
            _choice("own", channel__led_outside=_shown(False), capacity__captured_fen=0),
        ),
    ),
    Question(
        key="sent",
        when=(("detail", ("outside",)),),
        numbers=(Number(key="sent", path="capacity.paid_outside_fen", money=True, tries=(9_800, 60_000)),),
    ),
    Question(
        key="fee",
        when=(("detail", ("fee",)),),
        numbers=(Number(key="fee", path="claim.loss_fen", money=True, tries=(5_000, 9_000)),),
    ),
    Question(
        key="purpose",
        when=(("detail", ("lied",)),),
        choices=(
            _choice("own", parties__buyer_is_consumer=_shown(True)),
            _choice("resale", parties__buyer_is_consumer=_shown(False)),
        ),
    ),
)

_CHILD = (
    Question(
        key="age",
        when=(_MINOR,),
        choices=(
            _choice("under8", parties__buyer_age=_shown(7)),
            _choice("under18", parties__buyer_age=_shown(12)),
            _choice("earning", parties__buyer_age=_shown(18)),  # counts as of age (民法典 18(2))
            _DUNNO,
        ),
    ),
    Question(
        key="acted",
        when=(_MINOR,),
        choices=(
            _choice("shown", parties__minor_acted=_shown(True)),
            _choice("said", parties__minor_acted=alleged(True, Source.BUYER)),
            _choice("adult", parties__minor_acted=_shown(False)),
        ),
    ),
    Question(
        key="guardian",
        when=(_MINOR,),
        choices=(
            _choice("no", parties__guardian_at_fault=_shown(False)),
            _choice("gave", parties__guardian_at_fault=_shown(True)),
        ),
    ),
    Question(
        key="consent",
        when=(_MINOR,),
        choices=(
            _choice("no", parties__guardian_consented=_shown(False)),
            _choice("yes", parties__guardian_consented=_shown(True)),
        ),
    ),
    Question(
        key="suits",
        when=(_MINOR,),
        choices=(
            _choice("no", parties__fits_age=_shown(False)),
            _choice("yes", parties__fits_age=_shown(True)),
            _DUNNO,
        ),
    ),
)

_USED = (
    Choice(key="yes"),
    _choice("no_shown", redemption__use=_official(UseState.UNUSED)),
    _choice("no_said", redemption__use=alleged(UseState.UNUSED, Source.BUYER)),
)
_USE = (
    Question(
        key="made",
        when=(_UNWANTED, ("kind", ("custom_voucher",))),
        choices=(_choice("yes", goods__made_to_order=_shown(True)), _choice("no", goods__made_to_order=_shown(False))),
    ),
    Question(
        key="spent",
        when=(("detail", ("amount", "renewal")), _OF_KEYS),
        choices=_USED,
    ),
    Question(key="opened", when=(_SEEN,), choices=_USED),
    Question(key="played", when=(_MINOR,), choices=_USED),
)

_TERMS = (
    Question(
        key="when",
        when=(_UNWANTED, _HAD_IT),
        choices=(
            Choice(key="instant", only=(_HERE,)),
            Choice(key="week", only=(_HERE,)),
            Choice(key="days", only=(_ELSEWHERE,)),
            Choice(key="more"),
        ),
    ),
    Question(
        key="promise",
        when=(_UNWANTED, ("stage", ("unseen", "seen"))),
        choices=(Choice(key="within"), Choice(key="over"), Choice(key="none")),
    ),
    Question(
        key="confirmed",
        when=(_UNWANTED, _HAD_IT),
        choices=(
            Choice(key="ticked"),
            Choice(key="preticked"),
            Choice(key="written"),
            Choice(key="none"),
            _DUNNO,
        ),
    ),
)

_SIDES = (
    Question(
        key="proof",
        when=(("topic", ("missing", "broken", "differs", "stopped")),),
        choices=(
            _choice("recording", claim__proof=Proof.RECORDING),
            _choice("screenshot", claim__proof=Proof.PLAIN),
            _choice("chat", claim__proof=Proof.PLAIN),
            _choice("none", claim__proof=Proof.NONE),
        ),
    ),
    Question(
        key="seller",
        choices=(
            Choice(key="not_asked"),
            Choice(key="waiting"),
            Choice(key="silent"),
            _choice("refused", claim__seller__kind=AnswerKind.REFUSED),
            _choice("agreed", claim__seller__kind=AnswerKind.AGREED),
            _choice("settled", history__settled=_shown(True)),
        ),
    ),
    Question(
        key="list_price",
        when=(("work", (ANY,)), ("seller", ("agreed",))),
        numbers=(Number(key="list", path="measure.list_price_fen", money=True, tries=(1_000, 3_000)),),
    ),
    Question(
        key="paid",
        numbers=(Number(key="paid", path="capacity.captured_fen", money=True, tries=(3_000, 60_000)),),
    ),
)

QUESTIONS: tuple[Question, ...] = (
    *_FIRST,
    *_DELIVERY,
    *_ITSELF,
    *_MONEY,
    *_CHILD,
    *_USE,
    *_TERMS,
    *_SIDES,
)
BY_KEY: dict[str, Question] = {question.key: question for question in QUESTIONS}
