"""Checking a record without the Director: a pure function of the record and the public keys."""

import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from director_api.records.keys import ALGORITHM

MAX_BYTES = 4 * 1024 * 1024


class RecordError(Exception):
    """The record was not signed by any of the keys, or was changed since; the message says which."""


def verified(record: str, keys: dict[str, Any]) -> dict[str, Any]:
    """Return what ``record`` says, if one of ``keys`` (a JWK Set) signed exactly that.

    Raises:
        RecordError: it is no record, the key is unknown, or the signature does not fit.
    """
    if len(record) > MAX_BYTES:
        raise RecordError("this is too large for a verification record")
    try:
        key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]  # because its own check follows
        opened = jws.deserialize_compact(record.strip(), key_set, algorithms=[ALGORITHM])
    except (JoseError, ValueError, KeyError, TypeError) as error:
        reason = str(error) or type(error).__name__
        raise RecordError(f"the signature does not fit any of the keys: {reason}") from error
    payload: dict[str, Any] = json.loads(opened.payload)
    return payload
