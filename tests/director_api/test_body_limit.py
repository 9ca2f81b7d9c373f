"""A body that is too large is refused, whether or not its length was announced."""

from collections.abc import AsyncIterator

from director_api.body_limit import DEFAULT_MAX_BODY_BYTES
from tests.director_api.conftest import RunningDirector

_CHUNK = b" " * 65_536


async def _without_length() -> AsyncIterator[bytes]:
    for _ in range(DEFAULT_MAX_BODY_BYTES // len(_CHUNK) + 1):
        yield _CHUNK


async def test_a_body_over_the_limit_is_refused(director: RunningDirector) -> None:
    for content in (b" " * (DEFAULT_MAX_BODY_BYTES + 1), _without_length()):
        headers = {"Content-Type": "application/json"}
        answer = await director.admin.post("/security-zones", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
