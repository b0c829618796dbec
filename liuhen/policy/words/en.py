"""Clauses in English: (what the clause says, when it is met, when it is not). Braces are filled from data."""

CLAUSES: dict[str, tuple[str, str, str]] = {
    "goods.forbidden": (
        "What the law forbids to trade is not paid out by routine; a person handles it and it is taken down",
        "Trade in this item is forbidden by law. It stops here and a person handles it.",
        "This item may be traded.",
    ),
    "capacity.nothing_captured": (
        "Where no money was received, there is none to give back",
        "No payment was received for this item, so there is nothing to give back.",
        "This item was paid for: {capacity.captured_fen}.",
    ),
    "capacity.already_refunded": (
        "The money of one item goes back once, never more than was paid",
        "{capacity.captured_fen} was paid for this item and all of it has gone back or is on its way.",
        "The money of this item has not all gone back.",
    ),
    "capacity.other_case": (
        "One item has one open refund case at a time",
        "Another refund case on this item is open. Please go on there.",
        "No other refund case on this item is open.",
    ),
    "capacity.settled": (
        "What both sides settled and carried out is not reopened",
        "Both sides settled this matter and carried it out.",
        "This matter has not been settled before.",
    ),
    "capacity.minor": (
        "Where the buyer may be a minor, a person judges by age and circumstances",
        "A purchase by a minor is at issue. A person checks age, the guardian's view and what was used.",
        "No purchase by a minor is at issue.",
    ),
    "delivery.done": (
        "Delivered means: in the buyer's order and open to view",
        "It was delivered before the claim: {delivery.delivered_at}.",
        "It was not delivered when the claim was made.",
    ),
    "delivery.late": (
        "Not delivered at the promised time plus grace: full refund by itself, and what comes later does not count",
        "The promised time and the grace passed without delivery.",
        "The promised time plus grace was not missed.",
    ),
    "delivery.cancel": (
        "Before delivery, and before the seller has begun, an order can simply be cancelled",
        "Nothing was delivered and no work had begun when the claim was made, so it can be cancelled.",
        "This is not a cancellation before delivery.",
    ),
    "delivery.work_begun": (
        "Where work has begun, a person checks what is finished and what goes back",
        "The seller says that work has begun. A person checks what is finished.",
        "This is not a cancellation of work that has begun.",
    ),
    "delivery.not_due": (
        "Before the promised time has passed, delivery is awaited; after it the money goes back by itself",
        "The promised time plus grace has not passed. If nothing is delivered by then, all goes back by itself.",
        "The promised time is not what this turns on.",
    ),
    "redemption.sealed": (
        "A whole seal means that nobody has looked",
        "The platform's record shows a whole seal: nobody has seen the content.",
        "The seal is broken, or this item has none.",
    ),
    "redemption.unused": (
        "A record confirms that it was not used",
        "A record confirms that this item was not used.",
        "Records show that this item was used, at least in part.",
    ),
    "redemption.used": (
        "A record confirms that it was used, at least in part",
        "A record confirms that this item was used, at least in part.",
        "A record confirms that this item was not used.",
    ),
    "redemption.used_by_buyer": (
        "A seller who says that the buyer used it has to prove it",
        "A record confirms that it was used on the buyer's side, after the seal was broken.",
        "It is not proven that the buyer used it after breaking the seal.",
    ),
    "redemption.used_before_reveal": (
        "What was used before the buyer could see it was not used by the buyer",
        "A record confirms that it was used before the seal was broken.",
        "There is no record of use before the seal was broken.",
    ),
    "defect.claimed": (
        "That something is wrong can be claimed with a broken seal and after any window",
        "The claim is that something is wrong with the item, for which the seller answers by law.",
        "The claim is not that something is wrong with the item.",
    ),
    "defect.short_value_used": (
        "Worth less than stated, but used: the difference goes back",
        "Stated {goods.face_value_fen}, really {defects.actual_value_fen}. "
        "What was used is kept, the difference goes back.",
        "This is not an item of short value that was used.",
    ),
    "defect.by_record": (
        "Where records show that something is wrong, all goes back",
        "Records of the issuer, the operator or the platform show that something is wrong with the item.",
        "Records do not show that anything is wrong with the item.",
    ),
    "defect.by_staff": (
        "Where a reviewer finds that something is wrong, all goes back",
        "A reviewer has looked at what both sides brought and found that something is wrong.",
        "No reviewer has found that something is wrong.",
    ),
    "defect.rebutted": (
        "Where records show that nothing is wrong, this reason fails",
        "Records show that the item does not have this fault, or that it was used after the seal was broken.",
        "No record refutes what was claimed.",
    ),
    "defect.open": (
        "Where no record settles it yet, the seller answers and brings proof first",
        "No record settles yet whether something is wrong. The seller answers first and brings the records he holds.",
        "No fault is waiting for the seller's proof.",
    ),
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
    "no_reason.claimed": (
        "Not wanted or bought by mistake: the rules on refunds without a reason apply",
        "The claim is that it is not wanted or was bought by mistake.",
        "The claim is not that it is unwanted or was bought by mistake.",
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
    "procedure.human_asked": (
        "Who asks for a person gets a person",
        "A person was asked for, and a reviewer handles it.",
        "No person was asked for.",
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
    "amount.no_fee": ("A refund has no fee", "There is no fee on a refund.", "There is no fee on a refund."),
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
    "goods.fee_scam": (
        "Whoever asks for a fee before a refund is a fraud; it is stopped",
        "Somebody asks for money before the refund. That is a fraud and was stopped. A real refund costs nothing.",
        "Nobody asks for money before the refund.",
    ),
    "goods.barred": (
        "What may not be provided to this buyer, such as an account let to a minor, is refunded in full and taken down",
        "The law bars this item from this buyer. All of it goes back.",
        "Nothing bars this item from this buyer.",
    ),
    "capacity.paid_outside": (
        "Where the seller led the buyer to pay outside, the seller owes it and the platform holds no money",
        "The seller led {you} to pay {capacity.paid_outside_fen} outside, owes it, and the platform does not hold it.",
        "Nobody was led to pay outside the platform.",
    ),
    "capacity.charged_twice": (
        "What was charged a second time goes back at once",
        "The record shows a second charge of {capacity.duplicate_captured_fen}. It goes back.",
        "No second charge is on record.",
    ),
    "capacity.no_order": (
        "A payment without an order is the platform's own failure and goes back in full",
        "A payment arrived and no order stands behind it. The platform pays it back.",
        "An order stands behind this payment.",
    ),
    "capacity.overcharged": (
        "What was charged above the price shown goes back",
        "The price shown was {order.shown_price_fen}, charged was {capacity.captured_fen}. The difference goes back.",
        "No charge above the price shown is on record.",
    ),
    "capacity.minor_proven": (
        "It is shown that a person under 18 ordered and paid",
        "It is shown that a minor ordered and paid.",
        "It is not shown that a minor ordered and paid.",
    ),
    "capacity.minor_void": (
        "A purchase by a child under 8 is void: all of it goes back, checked by a person",
        "The buyer is under 8 and the contract is void. All of it goes back once a person has checked.",
        "This is not a purchase by a child under 8.",
    ),
    "capacity.minor_bound": (
        "With a guardian's consent, or where it suits the age, the purchase stands",
        "The buyer is at least 8, and a guardian consented or the purchase suits the age. It stands.",
        "Neither a guardian's consent nor fitness for the age is shown.",
    ),
    "capacity.minor_unused": (
        "From 8 to 18, not suited to the age and not used: all of it, handled by a person",
        "The purchase does not suit the minor's age and nothing was used. A person handles it, for all of it.",
        "This is not an unused purchase by a minor.",
    ),
    "capacity.minor_used": (
        "From 8 to 18, not suited to the age but used: a person weighs both sides' fault",
        "The purchase does not suit the minor's age, but it was used. A person weighs both sides' fault.",
        "This is not a used purchase by a minor.",
    ),
    "capacity.minor_unproven": (
        "That a minor bought is for the guardian to show; otherwise the registered adult counts",
        "It was not shown that a minor bought. The registered adult counts as the buyer.",
        "It is too early to say that it was not shown.",
    ),
    "delivery.purpose_missed": (
        "Delivered after the agreed time of need, and not used: full refund",
        "It came after {delivery.needed_by}, when it was needed. All of it goes back.",
        "The agreed time of need was not missed.",
    ),
    "delivery.price_error": (
        "An order at a wrong price stands; the seller cannot cancel alone, and a person mediates",
        "The seller says the price was wrong. The order stands, and a person mediates.",
        "No wrong price is at issue.",
    ),
    "delivery.work_part": (
        "Work begun and cancelled by the buyer: the undone part, less the loss that the seller proves",
        "Work has begun: {measure.had} of {measure.total} is done. The rest goes back, less the seller's proven loss.",
        "This is not a cancellation with known progress and loss.",
    ),
    "redemption.used_by_other": (
        "What somebody else used is not the buyer's use",
        "Somebody else used it, or whoever keeps the records does not produce them.",
        "It is not shown that somebody else used it.",
    ),
    "defect.foreign_use": (
        "Used by somebody else, and the seller has no record of sole delivery: the seller refunds in full",
        "Somebody else used it and the seller cannot show that it reached {you} alone. The seller refunds in full.",
        "This is not use by others that the seller answers for.",
    ),
    "defect.foreign_use_here": (
        "Used by somebody else, and the platform keeps the records but has none: the platform refunds in full",
        "Somebody else used it and the platform cannot show the access log. The platform refunds in full.",
        "This is not use by others that the platform answers for.",
    ),
    "defect.harm_done": (
        "Account taken back, or harm by the way of working: full refund; loss is claimed apart",
        "It is shown that the seller took the account back or did harm. All of it goes back.",
        "Neither taking back nor harm is shown.",
    ),
    "defect.fraud": (
        "Where a reviewer finds fraud: full refund; threefold damages are judged apart",
        "A reviewer found that the seller deceived on purpose. All of it goes back; damages are judged apart.",
        "Fraud is not found.",
    ),
    "defect.rest_worthless": (
        "With too many bad pieces the unused rest is of no use either and can go back",
        "{order.bad_units} pieces of this order are bad and the unused rest is of no use. The seller answers.",
        "The rest is of use.",
    ),
    "defect.cut_short": (
        "A membership, licence or service cut short, not by the buyer: what was not had goes back",
        "It was cut short, not by {you}: {measure.had} of {measure.total} was had. The rest goes back.",
        "It was not cut short.",
    ),
    "defect.renewal_unnoticed": (
        "A renewal without conspicuous notice, or that could not be stopped: full refund",
        "There was no conspicuous notice before the renewal, or it could not be stopped. It goes back in full.",
        "It is not shown that notice was missing.",
    ),
    "defect.renewal_noticed": (
        "With conspicuous notice and a way to stop, a renewal stands",
        "There was conspicuous notice before the renewal and a way to stop it. It stands.",
        "Notice and a way to stop are not shown.",
    ),
    "defect.risk_passed": (
        "If the issuer closes the service after delivery, the claim is against the issuer",
        "The issuer closed the service after delivery. The seller does not answer for it; the issuer may.",
        "The issuer did not close the service after delivery.",
    ),
    "defect.unproven": (
        "Where better proof was asked for and did not come in time, the reason does not stand for now",
        "Only doubtful proof was brought, and nothing better within {buyer_evidence}.",
        "No time for better proof has passed in vain.",
    ),
    "defect.more_proof": (
        "Doubtful proof, such as a screenshot that contradicts itself, cannot carry a finding alone",
        "The proof is doubtful. Please add better within {buyer_evidence}, for example a continuous recording.",
        "The proof is not doubtful.",
    ),
    "promise.advance": (
        "Where the platform promised to pay first: after {advance_payment} it pays and recovers from the seller",
        "{advance_payment} have passed. The platform pays first, as it promised, and recovers from the seller.",
        "It is not time to pay first, or it was not promised.",
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
    "seller.unrebutted": (
        "Strong proof such as a continuous recording, not rebutted in time, counts as shown",
        "{you} brought a continuous recording and the seller did not rebut it in time. It counts as shown.",
        "There is no strong proof left unrebutted.",
    ),
    "defect.not_as_stated": (
        "Value, region, validity and description must be as stated",
        "It is shown that it is not as stated.",
        "It is not shown that it differs from what was stated.",
    ),
    "defect.deceit": (
        "Deceit on purpose is for a reviewer to find, by a higher standard; only then are threefold damages at issue",
        "A reviewer found deceit on purpose.",
        "Deceit on purpose is not found.",
    ),
    "defect.mistake": (
        "A fault without intent is made good, without threefold damages",
        "Something is wrong, and intent is not found.",
        "This is not a fault without intent.",
    ),
    "defect.only_the_bad": (
        "Of several pieces only the bad ones go back",
        "This order has {order.units_in_order} pieces, {order.bad_units} of them bad; each is judged apart.",
        "This is not an order with some bad pieces.",
    ),
    "defect.remedy_chosen": (
        "If the buyer chose something instead of money, the seller does it; if he does not, money goes back",
        "{you} chose something instead of money. The seller does it; if he does not in time, money goes back.",
        "Nothing instead of money was chosen.",
    ),
    "terms.receipt_no_waiver": (
        "Confirming receipt does not accept the quality",
        "Receipt was confirmed ({order.receipt_confirmed_at}); rights for faults stay.",
        "Receipt was not confirmed.",
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
    "delivery.overdue": (
        "The promised time and the grace have passed",
        "Delivery was promised by {delivery.promised_at}, and the grace has passed too.",
        "The promised time and the grace have not passed.",
    ),
    "defect.all_had": (
        "Where all days or times were had, nothing is left to give back",
        "All {measure.total} were had, and nothing is left to give back.",
        "Not all of it was had.",
    ),
    "no_reason.not_consumer": (
        "Who buys to resell or for business has no consumer's return without a reason",
        "It is shown that this was not bought for private use.",
        "It is not shown that the buyer is no consumer.",
    ),
    "capacity.seller_is_platform": (
        "Where the platform sells itself, it answers as the seller",
        "The platform sells this itself and answers for it.",
        "The platform does not sell this itself.",
    ),
    "capacity.seller_unknown": (
        "Where the platform cannot name the seller, it pays first",
        "The platform cannot name the seller with address and contact, and pays first.",
        "The seller is identified.",
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
    "defect.two_years_over": (
        "Faults of quality are claimed within two years of delivery, except where the seller deceived on purpose",
        "More than two years have passed since delivery, and deceit is not found.",
        "Two years have not passed since delivery.",
    ),
    "capacity.not_overcharged": (
        "What was charged within the price shown is no overcharge",
        "The record shows a price of {order.shown_price_fen} and a charge of {capacity.captured_fen}: no overcharge.",
        "No record shows that nothing was overcharged.",
    ),
}

UNKNOWN = "Not known yet: {clause}."
DURATION = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
WORKDAYS = "{n} working day(s)"
