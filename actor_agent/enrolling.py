"""Joining a Director: a one-time token against a credential of the Actor's own."""

import hashlib

from pydantic import SecretStr, ValidationError

from actor_agent.director_client import DirectorClient
from actor_agent.sealing_key import new_key, public_key_of
from actor_agent.secret import Secret
from actor_agent.settings import SettingsError
from actor_agent.state import Enrollment, PendingEnrollment, State
from actor_agent.version import CAPABILITIES, VERSION
from wire_contract.enrollment import EnrollRequest


async def enroll(
    state: State, client: DirectorClient, *, director_url: str, token: Secret, name: str
) -> Enrollment:
    """Enroll as ``name`` and keep the outcome in ``state``.

    The key is on disk before it is sent. When the answer gets lost, the same token is sent with the
    same key again, which the Director takes for the same enrollment until the first poll.

    Raises:
        DirectorError: the Director can't be reached or refuses the token.
        SettingsError: the name can't be one.
        StateError: the state can't be read or written.
    """
    private_key = _key_for(state, token)
    enrolled = await client.enroll(_request(token, name, private_key))
    enrollment = Enrollment(
        director_url=director_url,
        name=name,
        actor_id=str(enrolled.actor_id),
        credential=Secret(enrolled.credential),
        private_key=private_key,
        poll_seconds=enrolled.poll_seconds,
        renew_seconds=enrolled.renew_seconds,
    )
    state.finish(enrollment)
    return enrollment


def _key_for(state: State, token: Secret) -> Secret:
    digest = hashlib.sha256(token.get_secret_value().encode()).hexdigest()
    pending = state.pending()
    if pending is None or pending.token_sha256 != digest:
        pending = PendingEnrollment(token_sha256=digest, private_key=new_key())
        state.begin(pending)
    return pending.private_key


def _request(token: Secret, name: str, private_key: Secret) -> EnrollRequest:
    try:
        return EnrollRequest(
            token=SecretStr(token.get_secret_value()),
            name=name,
            version=VERSION,
            capabilities=CAPABILITIES,
            public_key=public_key_of(private_key),
        )
    except ValidationError as error:
        raise SettingsError(
            f"--name: {name!r} can't be a name: letters, digits, '.', '_' and '-', at most 64, none of the "
            "signs at either end"
        ) from error
