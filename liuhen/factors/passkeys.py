"""Passkeys and security keys: what browsers are asked and how their answers are read (W3C WebAuthn Level 2).

The checks of an answer (challenge, origin, site, presence, signature) are py_webauthn's; what is kept and what a
counter that goes back means is decided here. Attestation is not asked for: it would say whose make a key is.
"""

from collections.abc import Sequence
from uuid import UUID

import webauthn
from msgspec import DecodeError, Struct, json
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from liuhen.base.errors import InvalidInput
from liuhen.factors.model import ANSWER_MOST, CHALLENGE_LIFE, Passkey, Place

_TIMEOUT_MS = int(CHALLENGE_LIFE.total_seconds()) * 1000
_CREDENTIAL_MOST = 1023  # bytes: WebAuthn Level 2, 7.1 step 25


class NewKey(Struct, frozen=True):
    """What is kept of a new passkey. public_key: COSE."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


class Answered(Struct, frozen=True):
    """sign_count: as the key counts itself now. copied: it counts less than before, so there are two of it."""

    sign_count: int
    copied: bool


class _Named(Struct):
    id: str


def add_options(
    place: Place, site: str, party_id: UUID, login: str, known: Sequence[Passkey], challenge: bytes
) -> bytes:
    """JSON for `navigator.credentials.create`. known: keys that are not registered a second time."""
    options = webauthn.generate_registration_options(
        rp_id=place.rp_id,
        rp_name=site,
        user_name=login,
        user_id=party_id.bytes,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options).encode()


def use_options(place: Place, known: Sequence[Passkey], challenge: bytes) -> bytes:
    """JSON for `navigator.credentials.get`."""
    options = webauthn.generate_authentication_options(
        rp_id=place.rp_id,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options).encode()


def read_new(place: Place, challenge: bytes, answer: str) -> NewKey:
    """The new key of a browser's answer. Raises InvalidInput for an answer to another question, site or browser."""
    try:
        made = webauthn.verify_registration_response(
            credential=_bounded(answer),
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
        )
    except Exception as error:  # bytes of a stranger: whatever the reader stumbles over, the answer is wrong
        raise InvalidInput("the passkey's answer cannot be used", reason="passkey_answer") from error
    if len(made.credential_id) > _CREDENTIAL_MOST:
        raise InvalidInput("the passkey's name is too long", reason="passkey_answer")
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def credential_of(answer: str) -> bytes:
    """Which key answers, as the browser says. Raises InvalidInput."""
    try:
        return base64url_to_bytes(json.decode(_bounded(answer), type=_Named).id)
    except (DecodeError, ValueError) as error:  # not JSON, another shape, not base64
        raise InvalidInput("the passkey's answer cannot be read", reason="passkey_answer") from error


def read_use(place: Place, challenge: bytes, key: Passkey, answer: str) -> Answered:
    """Raises InvalidInput unless `key` itself answered this question for this site, with somebody touching it.

    The counter is compared here and not by the library, since one that goes back under a good signature is news for
    the owner (WebAuthn Level 2, 6.1.1); keys that do not count say 0 for ever.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=_bounded(answer),
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=0,
        )
    except Exception as error:  # as above
        raise InvalidInput("the passkey's answer does not fit", reason="passkey_answer") from error
    counts = found.new_sign_count > 0 or key.sign_count > 0
    return Answered(found.new_sign_count, counts and found.new_sign_count <= key.sign_count)


def _bounded(answer: str) -> str:
    if len(answer) > ANSWER_MOST:
        raise InvalidInput("the passkey's answer is too long", reason="passkey_answer")
    return answer


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in known]
