"""A seller lists goods, or changes a listing: every change is a new version, and the old ones stay."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, Frozen, InvalidInput, NotFound, PriceChanged, UnlawfulTerms
from liuhen.base.ids import new_id
from liuhen.catalog import store as catalog
from liuhen.catalog.model import DAY, MOST_ESCROW, MOST_REVEALED, Content, ListingState, check_content, for_lint
from liuhen.parties import store as parties
from liuhen.policy.lint.finding import Finding
from liuhen.policy.lint.lint import blocks, lint
from liuhen.policy.rulebook import REQUIRED, REVEALED_WINDOW, Rulebook
from liuhen.policy.words.lint import told
from liuhen.sellers import store as sellers


class PublishListing(msgspec.Struct, frozen=True, kw_only=True):
    """product_id None lists something new; else base_version is the version that the seller was looking at."""

    seller_id: UUID
    content: Content
    product_id: UUID | None = None
    base_version: int | None = None
    low_stock_at: int = 5


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """warnings: what the lint of terms found that does not block."""

    product_id: UUID
    version: int
    warnings: tuple[Finding, ...] = ()


async def publish_listing(
    db: Database, cmd: PublishListing, *, rulebook: Rulebook | None = None, now: datetime, once: Once | None = None
) -> Published:
    """Parameters: rulebook, the version in force: escrow and promises are no shorter than it says. Without one, no
    shorter than any version may say.

    Raises InvalidInput (fields), UnlawfulTerms (findings) for terms that are void by law, NotFound, Frozen,
    PriceChanged when somebody else edited in between.
    """
    content = check_content(cmd.content)
    _check_more_generous(content, rulebook)
    if not 0 <= cmd.low_stock_at <= 10_000:
        raise InvalidInput("low stock is 0 to 10,000", fields={"low_stock_at": ("range", 0, 10_000)})
    findings = lint(for_lint(content))
    if void := blocks(findings):
        raise UnlawfulTerms(findings=[told(finding) for finding in void])

    async def work(tx: Tx) -> Published:
        shop_name = await _open_shop(tx, cmd.seller_id)
        if content.issuer_id is not None:
            issuer = await catalog.find_issuer(tx, content.issuer_id)
            if issuer is None or issuer["disabled_at"] is not None:
                raise InvalidInput("no such issuer", fields={"issuer_id": ("unknown", 0, 0)})
        if cmd.product_id is None:
            done = await _first(tx, cmd, content, shop_name, now=now)
        else:
            done = await _next(tx, cmd, cmd.product_id, content, shop_name, now=now)
        return msgspec.structs.replace(done, warnings=findings)

    return await db.transact(work, now=now, once=once, result=Published)


def _check_more_generous(content: Content, rulebook: Rulebook | None) -> None:
    """Seller and product can only add to what the rules give."""

    def least(name: str) -> int:
        return rulebook.value(name) if rulebook else REQUIRED[name].least

    escrow = least("escrow_release") if rulebook else 7 * DAY
    if content.escrow_seconds < escrow:
        fault = ("range", escrow, MOST_ESCROW)
        raise InvalidInput("the rulebook holds money longer than that", fields={"escrow_seconds": fault})
    promised = content.revealed_window_seconds
    if promised is not None and promised < (shortest := least(REVEALED_WINDOW[content.kind])):
        found = ("range", shortest, MOST_REVEALED)
        raise InvalidInput("a promise for what was opened is longer", fields={"revealed_window_seconds": found})



async def _open_shop(tx: Tx, seller_id: UUID) -> str:
    shop = await sellers.find_shop(tx, seller_id)
    if shop is None or shop["closed_at"] is not None:
        raise Forbidden("open a shop first")
    if (await parties.find(tx, seller_id)).frozen_at is not None:
        raise Frozen()
    name: str = shop["name"]
    return name


async def _first(tx: Tx, cmd: PublishListing, content: Content, shop_name: str, *, now: datetime) -> Published:
    product_id = new_id(now)
    await catalog.insert(
        tx, cmd.seller_id, product_id, content, shop_name=shop_name, low_stock_at=cmd.low_stock_at, now=now
    )
    await catalog.insert_version(tx, cmd.seller_id, product_id, 1, content, by=cmd.seller_id, now=now)
    await directory.put(tx, "product", str(product_id), cmd.seller_id, product_id)
    return Published(product_id=product_id, version=1)


async def _next(
    tx: Tx, cmd: PublishListing, product_id: UUID, content: Content, shop_name: str, *, now: datetime
) -> Published:
    head = await catalog.lock_head(tx, cmd.seller_id, product_id)
    if head is None:
        raise NotFound("no such listing")
    if head["state"] == ListingState.BANNED:
        raise Forbidden("this listing was taken down by the platform")
    if head["version"] != cmd.base_version:
        raise PriceChanged(version=head["version"])
    current = await catalog.find_version(tx, cmd.seller_id, product_id, head["version"])
    if current is not None and current.content.kind != content.kind:
        raise InvalidInput("the kind of a listing can't change", fields={"kind": ("fixed", 0, 0)})
    version = head["version"] + 1
    await catalog.move_head(
        tx, cmd.seller_id, product_id, version, content, shop_name=shop_name, low_stock_at=cmd.low_stock_at, now=now
    )
    await catalog.insert_version(tx, cmd.seller_id, product_id, version, content, by=cmd.seller_id, now=now)
    return Published(product_id=product_id, version=version)
