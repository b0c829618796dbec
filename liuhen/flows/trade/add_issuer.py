"""An admin makes known an issuer of keys; the secret is shown once and kept sealed. Never a seller: he could forge."""

import secrets
from base64 import b64encode
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.db import Database, Tx, UniqueViolation
from liuhen.base.errors import Conflict, Forbidden, InvalidInput
from liuhen.base.ids import new_id
from liuhen.catalog import store as catalog
from liuhen.catalog.model import issuer_place
from liuhen.parties import store as parties
from liuhen.parties.model import Role


class AddIssuer(msgspec.Struct, frozen=True, kw_only=True):
    admin_id: UUID
    name: str


class IssuerAdded(msgspec.Struct, frozen=True, kw_only=True):
    """secret: for the issuer's Standard Webhooks signature, `whsec_…`; nobody can read it again."""

    issuer_id: UUID
    secret: str


async def add_issuer(db: Database, cmd: AddIssuer, *, keys: KeyRing, now: datetime) -> IssuerAdded:
    """Takes no idempotency key: its answer must not be stored. Raises Forbidden, InvalidInput, Conflict (name)."""
    name = cmd.name.strip()
    if not 2 <= len(name) <= 60:
        raise InvalidInput("a name of 2 to 60 characters", fields={"name": ("length", 2, 60)})
    issuer_id = new_id(now)
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()

    async def work(tx: Tx) -> None:
        if Role.ADMIN not in (await parties.find(tx, cmd.admin_id)).roles:
            raise Forbidden("admins alone")
        sealed = keys.encrypt(Purpose.WEBHOOK, issuer_place(issuer_id), secret.encode())
        await catalog.insert_issuer(tx, issuer_id, name, sealed, now=now)
        data = {"issuer_id": str(issuer_id), "name": name}
        await parties.add_staff_act(tx, cmd.admin_id, new_id(now), cmd.admin_id, "ADD_ISSUER", "", data, now)

    try:
        await db.transact(work, now=now)
    except UniqueViolation as error:
        raise Conflict("an issuer of this name exists", field="name") from error
    return IssuerAdded(issuer_id=issuer_id, secret=secret)
