"""The reviewer's queue: by deadline, with filters, search and claiming."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.desk.say import STATES, WHY_HERE, Say, why_here
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, once_from
from liuhen.edge.web.guards import needs_reviewer
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.view import view_of
from liuhen.flows.aftersale.claim_case import ClaimCase, claim_case
from liuhen.reads import desk_queue
from liuhen.reads.desk_queue import PAGE, Counts, QueueCase, Shelf
from liuhen.refunds.model import IN_REVIEW, Case
from liuhen.timing.workdays import shanghai, shanghai_day

View = Annotated[str, QueryParameter(max_length=20)]
Words = Annotated[str, QueryParameter(max_length=100)]
After = Annotated[str, QueryParameter(max_length=100)]
BESIDE = 60
"""So many cases stand beside an open one."""


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


TABS: dict[Shelf, str] = {
    Shelf.MINE: _("我的"),
    Shelf.UNCLAIMED: _("未认领"),
    Shelf.OVERDUE: _("已超时"),
    Shelf.ALL: _("全部"),
    Shelf.BUYER: _("等买家补充"),
    Shelf.DONE: _("我决定的"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One case as a row. what: its reason; goods: what was bought; why: how it came here."""

    case: QueueCase
    what: str
    goods: str
    why: str
    state: str


@dataclass(frozen=True, slots=True)
class Side:
    """The queue beside an open case."""

    shelf: Shelf
    counts: Counts
    lines: list[Line]


@get("/desk", guards=[needs_reviewer])
async def queue_page(ctx: Ctx, view: View = "", q: Words = "", after: After = "") -> Response[Any]:
    """The queue; with `q` what was searched, and straight to the case where that is one."""
    w = _say(ctx)
    place = cursors.read(after)
    async with ctx.db.read() as tx:
        counted = await desk_queue.counts(tx, ctx.me, ctx.now, _day_ends(ctx))
        shelf = shelf_of(view) or (Shelf.MINE if counted.mine else Shelf.UNCLAIMED if counted.unclaimed else Shelf.ALL)
        if q.strip():
            found = await desk_queue.search(tx, ctx.me, q)
        else:
            found = await desk_queue.queue(tx, ctx.me, shelf, ctx.now, after=place, limit=PAGE + 1)
    if q.strip() and len(found) == 1:
        return Redirect(f"/desk/cases/{found[0].case_no}?view={shelf}", status_code=303)
    more, found = len(found) > PAGE, found[:PAGE]
    return blank(
        ctx,
        "desk/queue.html",
        lines=[_line(case, w) for case in found],
        counted=counted,
        counts={"desk.cases": counted.all},
        shelf=shelf,
        tabs=tabs(counted, None if q.strip() else shelf, w),
        query=q,
        first=f"/desk?view={shelf}" if place else "",
        next=_beyond(shelf, found[-1]) if more and not q.strip() else "",
    )


@post("/desk/cases/{case_no:str}/claim", guards=[needs_reviewer])
async def claim(ctx: Ctx, case_no: FromPath[str], view: View = "") -> Response[Any]:
    """Takes a case onto this reviewer's desk."""
    cmd = ClaimCase(reviewer_id=ctx.me, case_no=case_no, role=role_of(ctx))
    await claim_case(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, f"/desk/cases/{case_no}?view={shelf_of(view) or Shelf.MINE}", _say(ctx)(_("已认领，轮到你决定")))


routes = [queue_page, claim]


def shelf_of(text: str) -> Shelf | None:
    """The shelf that an address names, None for anything else."""
    return Shelf(text) if text in set(Shelf) else None


def role_of(ctx: Context) -> str:
    """As which somebody acts at the desk."""
    return "REVIEWER" if "reviewer" in ctx.visitor.roles else "ADMIN"


def tabs(counted: Counts, here: Shelf | None, w: Say) -> list[tuple[str, str, bool, int | None]]:
    """The filters as `ui.tabs` takes them."""
    numbers = {
        Shelf.MINE: counted.mine,
        Shelf.UNCLAIMED: counted.unclaimed,
        Shelf.OVERDUE: counted.overdue,
        Shelf.ALL: counted.all,
    }
    return [(w(text), f"/desk?view={shelf}", shelf is here, numbers.get(shelf)) for shelf, text in TABS.items()]


def _beyond(shelf: Shelf, last: QueueCase) -> str:
    """The address of the page that begins after this case."""
    at = last.decided_at or last.due_at
    return f"/desk?view={shelf}&after={cursors.write(at, last.id)}" if at else ""


async def side_list(ctx: Context, shelf: Shelf, case: Case) -> Side:
    """The queue beside a case, which is in it while it waits for a decision."""
    w = _say(ctx)
    async with ctx.db.read() as tx:
        counted = await desk_queue.counts(tx, ctx.me, ctx.now, _day_ends(ctx))
        found = await desk_queue.queue(tx, ctx.me, shelf, ctx.now, limit=BESIDE)
        if case.state in IN_REVIEW and all(one.id != case.id for one in found):
            found = [*await desk_queue.search(tx, ctx.me, case.case_no), *found]
    return Side(shelf, counted, [_line(one, w) for one in found])


async def next_case(ctx: Context, shelf: Shelf) -> str:
    """The number of the case that is due first on this shelf, "" if it is empty."""
    async with ctx.db.read() as tx:
        found = await desk_queue.queue(tx, ctx.me, shelf, ctx.now, limit=1)
    return found[0].case_no if found else ""


def _line(case: QueueCase, w: Say) -> Line:
    goods = case.title if case.pieces == 1 else w(_("%(title)s × %(n)s"), title=case.title, n=case.pieces)
    why = why_here(case.human_asked, case.seller_answer, True)
    return Line(case, w(label_of(case.reason)), goods, w(WHY_HERE[why]), w(STATES[case.state]))


def _say(ctx: Context) -> Say:
    return Say(view_of(ctx.request).lang, ctx.now)


def _day_ends(ctx: Context) -> Any:
    return shanghai(shanghai_day(ctx.now) + timedelta(days=1), 0)
