"""Clauses in English, promises to amount: what each says, when it is met, when it is not."""

CLAUSES: dict[str, tuple[str, str, str]] = {
    "promise.instant": (
        "Seal whole, within {instant_window} of delivery: full refund at once, for any reason",
        "The seal is whole and it is within {instant_window} of delivery: all goes back at once.",
        "At once only within {instant_window} of delivery and with a whole seal.",
    ),
    "promise.sealed_window": (
        "Seal whole, within the time the seller promised: refund for any reason, the seller answers",
        "The seal is whole and it is within the {promises.sealed_window_seconds} the seller promised.",
        "The seller's promise for sealed items does not apply, or there is none.",
    ),
    "promise.revealed_unused": (
        "Promised for unsealed but unused items, and a record confirms no use: full refund",
        "The seller promised it for unsealed but unused items, and a record confirms no use.",
        "A promise for unsealed items together with a record of no use is not there.",
    ),
    "promise.revealed_window": (
        "Promised for unsealed but unused items, use not clear: the seller answers and proves",
        "It is within the time the seller promised for unsealed but unused items. The seller has to prove use.",
        "No promise for unsealed items applies.",
    ),
    "promise.advance": (
        "Where the platform promised to pay first: after {advance_payment} it pays and recovers from the seller",
        "{advance_payment} have passed. The platform pays first, as it promised, and recovers from the seller.",
        "It is not time to pay first, or it was not promised.",
    ),
    "terms.exclusion_binds": (
        "“No refund without a reason” binds only if conspicuous and confirmed by the buyer for this very order",
        "“No refund without a reason” was confirmed by the buyer for this very order.",
        "There is no confirmation of “no refund without a reason” for this order, so it does not bind.",
    ),
    "terms.window_over": (
        "A time limit of the seller only limits what he gave freely, never the law's rights when something is wrong",
        "The seller's stated time limit is over. That matters only where nothing is wrong.",
        "No stated time limit of the seller is over.",
    ),
    "terms.receipt_no_waiver": (
        "Confirming receipt does not accept the quality",
        "Receipt was confirmed ({order.receipt_confirmed_at}); rights for faults stay.",
        "Receipt was not confirmed.",
    ),
    "no_reason.claimed": (
        "Not wanted or bought by mistake: the rules on refunds without a reason apply",
        "The claim is that it is not wanted or was bought by mistake.",
        "The claim is not that it is unwanted or was bought by mistake.",
    ),
    "no_reason.promotion_lost": (
        "Where a discount is lost by returning this item and nothing is left over, nothing goes back without a reason",
        "Without it the discount is lost: the rest costs {order.rest_price_fen} of {order.total_paid_fen} paid in all.",
        "No whole discount is lost by this return.",
    ),
    "no_reason.ended_early": (
        "Ended early by the buyer with the seller's consent: what was had counts at list price",
        "Both agreed to end it early: {measure.had} of {measure.total} was had, at list price. The rest goes back.",
        "It was not ended early by consent.",
    ),
    "no_reason.seven_days": (
        "Seal whole, within seven days, no exclusion confirmed: refund, the seller answers",
        "The seal is whole, it is within seven days, and no exclusion was confirmed.",
        "This is not a sealed item within seven days without a confirmed exclusion.",
    ),
    "no_reason.voidable": (
        "Unsealed but unused, and the issuer can void it: the seller is asked",
        "It is unsealed without a record of use, and the issuer can void it. The seller is asked.",
        "This is not an item that can be voided and refunded.",
    ),
    "no_reason.not_consumer": (
        "Who buys to resell or for business has no consumer's return without a reason",
        "It is shown that this was not bought for private use.",
        "It is not shown that the buyer is no consumer.",
    ),
    "no_reason.service_done": (
        "A top-up that arrived and a service that is finished stay, if nothing is wrong",
        "The top-up or service is finished. If nothing is wrong, it does not go back.",
        "This is not a finished top-up or service.",
    ),
    "no_reason.made_to_order": (
        "What was made for this buyer stays, if nothing is wrong",
        "This was made for this buyer. If nothing is wrong, it does not go back.",
        "It is not shown that this was made for this buyer.",
    ),
    "no_reason.digital_unsealed": (
        "Software and other digital goods, downloaded or unsealed, do not go back without a reason",
        "This is a digital item that was downloaded or unsealed; it does not go back without a reason.",
        "This is not a downloaded or unsealed digital item.",
    ),
    "no_reason.used": (
        "What was used does not go back without a reason",
        "A record confirms use. If nothing is wrong, it does not go back after use.",
        "There is no record of use.",
    ),
    "no_reason.revealed": (
        "A code that was seen cannot be sold to anyone else, so it does not go back without a reason",
        "The content has been handed over. A code that was seen cannot be taken back.",
        "Nobody has seen the content.",
    ),
    "no_reason.excluded": (
        "Where the buyer confirmed “no refund without a reason”, the confirmation stands",
        "The buyer confirmed for this order that there is no refund without a reason.",
        "No exclusion was confirmed.",
    ),
    "no_reason.too_late": (
        "A refund without a reason is claimed within the law's seven days or the seller's longer promise",
        "The claim came after the seven days and outside any longer promise.",
        "The claim came within the seven days.",
    ),
    "seller.agreed": (
        "What the seller agrees to goes back at once",
        "The seller has agreed.",
        "The seller has not agreed.",
    ),
    "ruling.granted": (
        "What a reviewer grants goes back",
        "The reviewer granted the claim.",
        "No ruling grants it.",
    ),
    "ruling.partly": (
        "What a reviewer grants in part goes back in part",
        "The reviewer granted {claim.ruled_fen}.",
        "No ruling grants a part.",
    ),
    "ruling.refused": (
        "What a reviewer refuses is refused with reasons and can be appealed",
        "The reviewer refused the claim. The reasons stand in the ruling.",
        "No ruling refuses it.",
    ),
    "seller.silent": (
        "The seller answers within {seller_answer}, holidays included",
        "The seller did not answer within {seller_answer}.",
        "The seller is not overdue.",
    ),
    "seller.deemed_approved": (
        "A seller who does not answer in time agrees, as the seller agreement says",
        "The seller did not answer in time. As agreed on joining, that counts as yes.",
        "Silence does not count as yes here.",
    ),
    "seller.unrebutted": (
        "Strong proof such as a continuous recording, not rebutted in time, counts as shown",
        "{you} brought a continuous recording and the seller did not rebut it in time. It counts as shown.",
        "There is no strong proof left unrebutted.",
    ),
    "procedure.human_asked": (
        "Who asks for a person gets a person",
        "A person was asked for, and a reviewer handles it.",
        "No person was asked for.",
    ),
    "procedure.human_refused": (
        "Where the rules refused and {you} ask for a person, a person judges anew",
        "{you} asked for a person, who judges anew what the rules refused.",
        "No person was asked to judge a refusal anew.",
    ),
    "procedure.human_part": (
        "Where the rules give a part and {you} ask for a person, a person judges; what is certain stays",
        "{you} asked for a person. What is certain stays; the rest is judged.",
        "No person was asked to judge a part anew.",
    ),
    "procedure.human_reason": (
        "A double charge, a platform failure, fraud and the like are checked by a person",
        "A person has to check the payment and the platform's records for this.",
        "This reason does not need a person by itself.",
    ),
    "seller.refused": (
        "Where the seller refuses with reasons, a reviewer decides",
        "The seller refused in time and gave reasons. A reviewer decides.",
        "The seller has not refused in time.",
    ),
    "seller.silent_unagreed": (
        "Where silence was not agreed to mean yes, a person takes over",
        "The seller did not answer, and silence was not agreed to mean yes. A person takes over.",
        "Silence without an agreement is not what this turns on.",
    ),
    "procedure.human_else": (
        "What no rule foresees is judged by a person",
        "What no rule foresees is judged by a person.",
        "A rule foresees this.",
    ),
    "amount.within_captured": (
        "What goes back never exceeds what was paid for this item",
        "{capacity.captured_fen} was paid for this item and {capacity.refunded_fen} went back before; "
        "the sum stays within what was paid.",
        "More went back before than was paid; this must be checked.",
    ),
    "amount.no_fee": (
        "A refund has no fee",
        "There is no fee on a refund.",
        "There is no fee on a refund.",
    ),
    "amount.asked_above": (
        "What is asked above the price is not paid as a refund and needs proof of its own",
        "{claim.asked_fen} was asked, more than was paid. What lies above needs proof of its own.",
        "What was asked is not more than was paid.",
    ),
    "amount.to_balance": (
        "Money goes back the way it came; to the balance if paid from it or expressly chosen",
        "To the balance: it was paid from the balance, or the balance was expressly chosen.",
        "The way it was paid: without express consent it does not go to the balance.",
    ),
    "amount.of_paid": (
        "With a coupon, the refund is in proportion to what was really paid",
        "Listed at {order.list_price_fen}, paid {capacity.captured_fen}: the refund is in that proportion.",
        "No coupon was used.",
    ),
    "amount.promotion": (
        "Of a promotion: without a reason the rest is settled at its own price; for a fault the paid share goes back",
        "{order.total_paid_fen} was paid in all; the rest costs {order.rest_price_fen} by the promotion's rules.",
        "There was no such promotion.",
    ),
}
