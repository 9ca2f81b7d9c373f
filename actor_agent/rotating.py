"""Changing this Actor's key and credential while it works."""

from functools import partial

from actor_agent.director_client import DirectorClient
from actor_agent.retry_policy import RetryPolicy
from actor_agent.sealing_key import new_key, public_key_of
from actor_agent.secret import Secret
from actor_agent.state import Enrollment, State
from wire_contract.enrollment import RotateRequest


async def rotate(
    state: State, enrollment: Enrollment, client: DirectorClient, policy: RetryPolicy
) -> Enrollment:
    """Fetch a credential for a new key, keep both on disk, and use them from here on.

    The Director takes the old credential until the new one is first used. So whatever is lost on the
    way, what is on disk opens the Director's door.

    Raises:
        DirectorError: the Director refuses.
        StateError: the state can't be written; the old credential then stays.
    """
    private_key = new_key()
    request = RotateRequest(public_key=public_key_of(private_key))
    rotated = await policy.persist(partial(client.rotate_credential, request))
    renewed = enrollment._replace(credential=Secret(rotated.credential), private_key=private_key)
    state.finish(renewed)
    client.use_credential(renewed.credential)
    return renewed
