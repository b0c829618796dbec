"""Clauses in English, goods to defects: what each says, when it is met, when it is not."""

CLAUSES: dict[str, tuple[str, str, str]] = {
    "goods.forbidden": (
        "What the law forbids to trade is not paid out by routine; a person handles it and it is taken down",
        "Trade in this item is forbidden by law. It stops here and a person handles it.",
        "This item may be traded.",
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
    "capacity.nothing_captured": (
        "Where no money was received, there is none to give back",
        "No payment was received for this item, so there is nothing to give back.",
        "This item was paid for: {capacity.captured_fen}.",
    ),
    "capacity.paid_outside": (
        "Where the seller led the buyer to pay outside, the seller owes it and the platform holds no money",
        "The seller led {you} to pay {capacity.paid_outside_fen} outside, owes it, and the platform does not hold it.",
        "Nobody was led to pay outside the platform.",
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
    "capacity.not_overcharged": (
        "What was charged within the price shown is no overcharge",
        "The record shows a price of {order.shown_price_fen} and a charge of {capacity.captured_fen}: no overcharge.",
        "No record shows that nothing was overcharged.",
    ),
    "capacity.settled": (
        "What both sides settled and carried out is not reopened",
        "Both sides settled this matter and carried it out.",
        "This matter has not been settled before.",
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
    "delivery.overdue": (
        "The promised time and the grace have passed",
        "Delivery was promised by {delivery.promised_at}, and the grace has passed too.",
        "The promised time and the grace have not passed.",
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
    "redemption.used_by_other": (
        "What somebody else used is not the buyer's use",
        "Somebody else used it, or whoever keeps the records does not produce them.",
        "It is not shown that somebody else used it.",
    ),
    "defect.claimed": (
        "That something is wrong can be claimed with a broken seal and after any window",
        "The claim is that something is wrong with the item, for which the seller answers by law.",
        "The claim is not that something is wrong with the item.",
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
    "defect.short_value_used": (
        "Worth less than stated, but used: the difference goes back",
        "Stated {goods.face_value_fen}, really {defects.actual_value_fen}. "
        "What was used stays, the difference goes back.",
        "This is not an item of short value that was used.",
    ),
    "defect.by_record": (
        "Where records show that something is wrong, all goes back",
        "It is shown that something is wrong with the item: by a record, or by the seller's own admission.",
        "Records do not show that anything is wrong with the item.",
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
    "defect.two_years_over": (
        "Faults of quality are claimed within two years of delivery, except where the seller deceived on purpose",
        "More than two years have passed since delivery, and deceit is not found.",
        "Two years have not passed since delivery.",
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
    "defect.by_staff": (
        "Where a reviewer finds that something is wrong, all goes back",
        "A reviewer has looked at what both sides brought and found that something is wrong.",
        "No reviewer has found that something is wrong.",
    ),
    "defect.remedy_chosen": (
        "If the buyer chose something instead of money, the seller does it; if he does not, money goes back",
        "{you} chose something instead of money. The seller does it; if he does not in time, money goes back.",
        "Nothing instead of money was chosen.",
    ),
    "defect.rebutted": (
        "Where records show that nothing is wrong, this reason fails",
        "Records show that the item does not have this fault, or that it was used after the seal was broken.",
        "No record refutes what was claimed.",
    ),
    "defect.all_had": (
        "Where all days or times were had, nothing is left to give back",
        "All {measure.total} were had, and nothing is left to give back.",
        "Not all of it was had.",
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
    "defect.open": (
        "Where no record settles it yet, the seller answers and brings proof first",
        "No record settles yet whether something is wrong. The seller answers first and brings the records he holds.",
        "No fault is waiting for the seller's proof.",
    ),
}
