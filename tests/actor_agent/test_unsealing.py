"""What the real Director seals can be opened by one Actor, for one lease, for a time, and by no one else."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey, OKPKey
from pydantic import SecretStr

from actor_agent.sealing_key import load_key, new_key, public_key_of
from actor_agent.secret import Secret
from actor_agent.unsealing import SealUnreadable, Unsealer
from director_api.actor_protocol.sealing import seal
from wire_contract.jobs import PasswordCredentials, sealed_credentials

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ACTOR, LEASE = uuid4(), uuid4()
KEY = new_key()
SECRETS = sealed_credentials(PasswordCredentials(username="anna@example.test", password=SecretStr("s3cret")))


def opener(key: Secret = KEY, actor_id: UUID = ACTOR, now: datetime = NOW) -> Unsealer:
    return Unsealer(key, str(actor_id), lambda: now)


def sealed(
    key: Secret = KEY, *, lease_id: UUID = LEASE, actor_id: UUID = ACTOR, plain: bytes = SECRETS
) -> str:
    public = public_key_of(key).model_dump()
    return seal(plain, public, lease_id=lease_id, actor_id=actor_id, expires_at=NOW + timedelta(seconds=60))


def sealed_otherwise(key: Any, **header: Any) -> str:
    """Seal with a protected header that says something else."""
    whole = {
        "alg": "ECDH-ES",
        "enc": "A256GCM",
        "kid": load_key(KEY).thumbprint(),
        "lease_id": str(LEASE),
        "actor_id": str(ACTOR),
        "exp": int(NOW.timestamp()) + 60,
    }
    chosen = {name: value for name, value in (whole | header).items() if value is not None}
    anything = ["ECDH-ES", "ECDH-ES+A128KW", "dir", "A256KW", "A256GCM", "A128GCM", "A128CBC-HS256", "DEF"]
    registry = jwe.JWERegistry(algorithms=anything, strict_check_header=False)
    return jwe.encrypt_compact(chosen, SECRETS, key, registry=registry)


def test_the_right_actor_reads_it() -> None:
    credentials = opener().open(sealed(), LEASE)
    assert isinstance(credentials, PasswordCredentials)
    assert credentials.username == "anna@example.test"
    assert credentials.password.get_secret_value() == "s3cret"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (sealed(new_key()), "can't be opened"),
        (sealed(lease_id=uuid4()), "another lease"),
        (sealed(actor_id=uuid4()), "another Actor"),
        (sealed(plain=b"{}"), "can't be opened"),
        (sealed(plain=b"not json"), "can't be opened"),
        (sealed()[:-4] + "AAAA", "can't be opened"),
        ("", "can't be opened"),
        ("a.b.c.d.e", "can't be opened"),
        ("x" * 70_000, "can't be opened"),
        (sealed_otherwise(load_key(KEY), kid="another"), "another key"),
        (sealed_otherwise(load_key(KEY), alg="ECDH-ES+A128KW"), "can't be opened"),
        (sealed_otherwise(load_key(KEY), enc="A128GCM"), "can't be opened"),
        (sealed_otherwise(load_key(KEY), enc="A128CBC-HS256"), "can't be opened"),
        (sealed_otherwise(load_key(KEY), zip="DEF"), "can't be opened"),
        (sealed_otherwise(OctKey.generate_key(256), alg="dir"), "can't be opened"),
        (sealed_otherwise(load_key(KEY), exp=None), "can't be opened"),
        (sealed_otherwise(load_key(KEY), exp="tomorrow"), "can't be opened"),
        (sealed_otherwise(load_key(KEY), lease_id=None), "can't be opened"),
        (sealed_otherwise(load_key(KEY), kid=None), "can't be opened"),
        (sealed_otherwise(load_key(KEY), surprise="yes"), "can't be opened"),
    ],
)
def test_anything_else_is_refused(text: str, says: str) -> None:
    with pytest.raises(SealUnreadable, match=says) as caught:
        opener().open(text, LEASE)
    assert "s3cret" not in str(caught.value)


def test_it_expires_by_the_directors_clock() -> None:
    opener(now=NOW + timedelta(seconds=59)).open(sealed(), LEASE)
    with pytest.raises(SealUnreadable, match="another time"):
        opener(now=NOW + timedelta(seconds=60)).open(sealed(), LEASE)


def test_an_ephemeral_key_of_low_order_is_refused() -> None:
    """All-zero agreement (RFC 7748, section 6.1): whoever sends it knows the shared secret."""
    _header, *rest = sealed().split(".")
    header = json.loads(_decoded(_header)) | {"epk": {"kty": "OKP", "crv": "X25519", "x": "A" * 43}}
    with pytest.raises(SealUnreadable, match="can't be opened"):
        opener().open(".".join([_encoded(json.dumps(header)), *rest]), LEASE)


def test_keys_are_x25519() -> None:
    key = load_key(new_key())
    assert isinstance(key, OKPKey)
    assert key.curve_name == "X25519"
    assert new_key() != new_key()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
