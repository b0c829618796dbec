"""People: found, looked at, given roles, frozen and let go on, let in again. Each act keeps its reason on record."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors, shown_once
from liuhen.edge.web.admin.overview import ReasonForm
from liuhen.edge.web.admin.words import ROLES, act_text, lang_of, say
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, prefilled, refill
from liuhen.edge.web.guards import needs_admin
from liuhen.edge.web.proofs import WAYS
from liuhen.flows.people.freeze_party import FreezeParty, freeze_party
from liuhen.flows.people.issue_reset_link import IssueResetLink, issue_reset_link
from liuhen.flows.people.reset_second_factor import ResetSecondFactor, reset_second_factor
from liuhen.flows.people.set_roles import SetRoles, set_roles
from liuhen.flows.people.unfreeze_party import UnfreezeParty, unfreeze_party
from liuhen.parties.model import Role
from liuhen.reads import admin_acts, admin_people, second_factor
from liuhen.reads.admin_people import Crowd

_PAGE = "admin/person.html"
Words = Annotated[str, QueryParameter(max_length=100)]
Short = Annotated[str, QueryParameter(max_length=80)]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


CROWDS: dict[Crowd, str] = {
    Crowd.ALL: _("全部"),
    Crowd.STAFF: _("员工"),
    Crowd.SELLERS: _("卖家"),
    Crowd.FROZEN: _("已冻结"),
    Crowd.WISHES: _("等重设密码"),
}


class RolesForm(Struct):
    """roles: those that he has from now on; none is fine."""

    roles_reason: Annotated[str, Meta(title=_("理由"), min_length=2, max_length=500)]
    roles: list[Role] = []


@get("/admin/people", guards=[needs_admin])
async def people(ctx: Ctx, q: Words = "", crowd: Short = "", after: Short = "") -> Response[Any]:
    """The list, newest first."""
    here = Crowd(crowd) if crowd in set(Crowd) else Crowd.ALL
    async with ctx.db.read() as tx:
        found = await admin_people.people(tx, crowd=here, words=q, after=cursors.read_id(after))
        counted = await admin_people.counts(tx)
    tabs = [(say(ctx, text), f"/admin/people?crowd={one}", one is here, counted[one]) for one, text in CROWDS.items()]
    return blank(ctx, "admin/people.html", found=found, tabs=tabs, query=q, crowd=here, role_words=ROLES)


@get("/admin/people/{party_id:uuid}", guards=[needs_admin])
async def person(ctx: Ctx, party_id: FromPath[UUID]) -> Response[Any]:
    """One party. Raises NotFound."""
    found = await _values(ctx, party_id)
    return blank(ctx, _PAGE, typed=prefilled(roles=list(found["page"].person.roles)), **found)


@post("/admin/people/{party_id:uuid}/roles", guards=[needs_admin])
async def roles(ctx: Ctx, party_id: FromPath[UUID]) -> Response[Any]:
    """Sets all roles that the party has from now on."""
    try:
        given = await form(ctx.request, RolesForm)
        cmd = SetRoles(staff_id=ctx.me, party_id=party_id, roles=frozenset(given.roles), reason=given.roles_reason)
        await set_roles(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, party_id))
    return _back(ctx, party_id, _("角色已改，写进操作记录"))


@post("/admin/people/{party_id:uuid}/freeze", guards=[needs_admin])
async def freeze(ctx: Ctx, party_id: FromPath[UUID]) -> Response[Any]:
    """Nothing new begins; refunds and answers go on. He is told why."""
    try:
        given = await form(ctx.request, ReasonForm)
        await freeze_party(ctx.db, FreezeParty(ctx.me, party_id, given.reason), now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, party_id))
    return _back(ctx, party_id, _("已冻结，对方收到了理由"))


@post("/admin/people/{party_id:uuid}/unfreeze", guards=[needs_admin])
async def unfreeze(ctx: Ctx, party_id: FromPath[UUID]) -> Response[Any]:
    """Lets him go on. He is told why."""
    try:
        given = await form(ctx.request, ReasonForm)
        cmd = UnfreezeParty(ctx.me, party_id, given.reason)
        await unfreeze_party(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, party_id))
    return _back(ctx, party_id, _("已解除冻结，对方收到了理由"))


@post("/admin/people/{party_id:uuid}/reset-link", guards=[needs_admin])
async def reset_link(ctx: Ctx, party_id: FromPath[UUID]) -> Response[Any]:
    """A link that sets a new password, shown once. Earlier links stop working."""
    try:
        given = await form(ctx.request, ReasonForm)
        cmd = IssueResetLink(party_id=party_id, issued_by=ctx.me, reason=given.reason)
        made = await issue_reset_link(ctx.db, cmd, now=ctx.now, once=await once_from(ctx), keys=ctx.app.keys)
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, party_id))
    link = f"{ctx.app.settings.address}/reset/{made.token}"
    return shown_once.show(ctx, shown_once.Secret("link", link, f"/admin/people/{party_id}"))


@post("/admin/people/{party_id:uuid}/reset-second-factor", guards=[needs_admin])
async def reset_factor(ctx: Ctx, party_id: FromPath[UUID]) -> Response[Any]:
    """Takes off what somebody lost; all his devices and tokens are signed out. Nobody does it for himself here."""
    try:
        given = await form(ctx.request, ReasonForm)
        cmd = ResetSecondFactor(party_id=party_id, staff_id=ctx.me, reason=given.reason)
        await reset_second_factor(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, party_id))
    return _back(ctx, party_id, _("两步验证已重置，写进操作记录"))


routes = [people, person, roles, freeze, unfreeze, reset_link, reset_factor]


async def _values(ctx: Context, party_id: UUID) -> dict[str, Any]:
    async with ctx.db.read() as tx:
        page = await admin_people.person(tx, party_id, ctx.now)
        acts = await admin_acts.acts(tx, about=party_id, limit=20)
        ways = (await second_factor.factors(tx, party_id)).ways
    return {
        "page": page,
        "ways": [say(ctx, WAYS[way]) for way in ways],
        "acts": [(*act_text(act, lang_of(ctx)), act) for act in acts.acts],
        "role_words": ROLES,
        "is_me": party_id == ctx.me,
    }


def _back(ctx: Context, party_id: UUID, msgid: str) -> Response[Any]:
    return go(ctx, f"/admin/people/{party_id}", say(ctx, msgid))
