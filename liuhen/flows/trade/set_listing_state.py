"""A seller takes a listing down or puts it back; staff may ban it."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, NotFound, UnlawfulTerms
from liuhen.base.ids import new_id
from liuhen.catalog import store as catalog
from liuhen.catalog.model import ListingState, for_lint
from liuhen.notices import store as notices
from liuhen.parties import store as parties
from liuhen.parties.model import Role
from liuhen.policy.lint.lint import blocks, lint
from liuhen.policy.words.lint import told


class SetListingState(msgspec.Struct, frozen=True, kw_only=True):
    """staff_id and reason are given when the platform acts; banning is the platform's alone."""

    seller_id: UUID
    product_id: UUID
    state: ListingState
    staff_id: UUID | None = None
    reason: str = ""


class ListingStateSet(msgspec.Struct, frozen=True, kw_only=True):
    state: ListingState


async def set_listing_state(
    db: Database, cmd: SetListingState, *, now: datetime, once: Once | None = None
) -> ListingStateSet:
    """Raises NotFound, Forbidden, UnlawfulTerms where a seller puts back what may no longer be published.

    Orders that exist are not touched.
    """

    async def work(tx: Tx) -> ListingStateSet:
        by_staff = cmd.staff_id is not None and Role.ADMIN in (await parties.find(tx, cmd.staff_id)).roles
        head = await catalog.lock_head(tx, cmd.seller_id, cmd.product_id)
        if head is None:
            raise NotFound("no such listing")
        if not by_staff and ListingState.BANNED in (head["state"], cmd.state):
            raise Forbidden("only the platform bans a listing or lifts a ban")
        if not by_staff and cmd.state is ListingState.ON_SALE:
            await _check_terms(tx, cmd, head["version"])
        await catalog.set_state(tx, cmd.seller_id, cmd.product_id, cmd.state, now=now)
        if by_staff and cmd.staff_id is not None:
            data = {"product_id": str(cmd.product_id), "state": str(cmd.state)}
            await parties.add_staff_act(
                tx, cmd.seller_id, new_id(now), cmd.staff_id, "SET_LISTING_STATE", cmd.reason, data, now
            )
            words = data | {"reason": cmd.reason}
            await notices.send(tx, cmd.seller_id, "LISTING_STATE", words, "/seller/products", now=now)
        return ListingStateSet(state=cmd.state)

    return await db.transact(work, now=now, once=once, result=ListingStateSet)


async def _check_terms(tx: Tx, cmd: SetListingState, version: int) -> None:
    """A listing that is older than the lint of terms is read by it when it goes public again."""
    listing = await catalog.find_version(tx, cmd.seller_id, cmd.product_id, version)
    if listing is not None and (void := blocks(lint(for_lint(listing.content)))):
        raise UnlawfulTerms(findings=[told(finding) for finding in void])
