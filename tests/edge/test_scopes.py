"""What a bearer token may do: its scopes, within the roles of its party at this very moment."""

from uuid import UUID

import pytest
from litestar.connection import ASGIConnection

from liuhen.base.errors import Forbidden, LiuhenError, Unauthenticated
from liuhen.edge.api.auth import MissingScope, scoped
from liuhen.edge.context import NOBODY, Visitor
from liuhen.edge.web.guards import NoShop, needs_admin, needs_party, needs_reviewer, needs_seller

ANNA = UUID(int=7)


def _ask(visitor: Visitor, scope: str) -> type[LiuhenError] | None:
    connection = ASGIConnection({"type": "http", "state": {"visitor": visitor}})  # type: ignore[typeddict-item, var-annotated]
    try:
        scoped(scope)(connection)  # type: ignore[arg-type]
    except LiuhenError as error:
        return type(error)
    return None


def _party(*scopes: str, roles: tuple[str, ...] = (), seller: bool = False, frozen: bool = False) -> Visitor:
    return Visitor(party_id=ANNA, roles=frozenset(roles), is_seller=seller, frozen=frozen, scopes=frozenset(scopes))


@pytest.mark.parametrize(
    ("visitor", "scope", "answer"),
    [
        (NOBODY, "read", Unauthenticated),
        (_party("read"), "read", None),
        (_party("read"), "buy", MissingScope),
        (_party("buy"), "buy", None),
        (_party("sell"), "sell", Forbidden),
        (_party("sell", seller=True), "sell", None),
        (_party("read", seller=True), "sell", MissingScope),
        (_party("review"), "review", Forbidden),
        (_party("review", roles=("reviewer",)), "review", None),
        (_party("review", roles=("admin",)), "review", None),
        (_party("admin", roles=("reviewer",)), "admin", Forbidden),
        (_party("admin", roles=("admin",)), "admin", None),
        (_party("admin", roles=("admin",), frozen=True), "admin", Forbidden),
        (Visitor(party_id=ANNA), "read", MissingScope),  # a page's session has no scopes and opens no API
    ],
)
def test_scope_and_role_are_both_needed(visitor: Visitor, scope: str, answer: type[LiuhenError] | None) -> None:
    assert _ask(visitor, scope) is answer


@pytest.mark.parametrize(
    ("visitor", "answers"),
    [
        (NOBODY, (Unauthenticated, Unauthenticated, Unauthenticated, Unauthenticated)),
        (_party(), (None, NoShop, Forbidden, Forbidden)),
        (_party(seller=True), (None, None, Forbidden, Forbidden)),
        (_party(roles=("reviewer",)), (None, NoShop, None, Forbidden)),
        (_party(roles=("admin",)), (None, NoShop, None, None)),
        (_party(roles=("admin",), frozen=True), (None, NoShop, Forbidden, Forbidden)),
    ],
)
async def test_guards_of_pages(visitor: Visitor, answers: tuple[type[LiuhenError] | None, ...]) -> None:
    connection = ASGIConnection({"type": "http", "state": {"visitor": visitor}})  # type: ignore[typeddict-item, var-annotated]
    found = []
    for guard in (needs_party, needs_seller, needs_reviewer, needs_admin):
        try:
            await guard(connection, None)  # type: ignore[arg-type]
        except LiuhenError as error:
            found.append(type(error))
        else:
            found.append(None)  # type: ignore[arg-type]
    assert tuple(found) == answers
