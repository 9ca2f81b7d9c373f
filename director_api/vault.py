"""Secrets at rest, and the keyed hashes of tokens.

Two keys work in the database: a data key that encrypts, a data key that hashes. Each is stored
wrapped (AES-GCM) by a *secret key* that only the environment knows. Changing the secret key re-wraps
the two and touches nothing else.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from director_api.audit.log import COMMAND_LINE, record
from director_api.clock import utc_now
from director_api.database import Base, Database

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_LINE = re.compile(r"^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9_-]{43}=?)$")
_ENCRYPTS = "encrypts"
_HASHES = "hashes"


class VaultError(Exception):
    """The secret keys are malformed or are not those of this database."""


@dataclass(frozen=True, slots=True, repr=False)
class SecretKey:
    """A key that wraps data keys: a name that may be shown and 32 bytes that may not."""

    key_id: str
    value: bytes

    def line(self) -> str:
        """The form in which ``DIRECTOR_SECRET_KEYS`` holds it."""
        return f"{self.key_id}:{base64.urlsafe_b64encode(self.value).decode().rstrip('=')}"

    @classmethod
    def generate(cls) -> Self:
        """Make a key with a name of its own."""
        return cls(f"key-{secrets.token_hex(4)}", os.urandom(_KEY_BYTES))


def parse_secret_keys(text: str) -> tuple[SecretKey, ...]:
    """Read ``name:key`` entries, separated by commas or lines. The first one wraps, all unwrap.

    Raises:
        VaultError: an entry is not of that form.
    """
    keys = []
    for number, entry in enumerate(filter(None, re.split(r"[,\s]+", text.strip())), start=1):
        match = _KEY_LINE.match(entry)
        if match is None:
            raise VaultError(
                f"entry {number} of DIRECTOR_SECRET_KEYS is not of the form name:key; make one with: director keys generate"
            )
        try:
            value = base64.urlsafe_b64decode(match[2].rstrip("=") + "=")
        except binascii.Error as error:
            raise VaultError(f"the key of entry {number} of DIRECTOR_SECRET_KEYS is not base64") from error
        keys.append(SecretKey(match[1], value))
    if not keys:
        raise VaultError("DIRECTOR_SECRET_KEYS is empty; make a key with: director keys generate")
    return tuple(keys)


class DataKey(Base):
    """A key that works on rows, wrapped."""

    __tablename__ = "data_key"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    secret_key_id: Mapped[str]
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime]


class Vault:
    """Encrypts, decrypts and hashes with the data keys, which live in memory only."""

    def __init__(self, *, encrypting_key: bytes, hashing_key: bytes) -> None:
        self._cipher = AESGCM(encrypting_key)
        self._hashing_key = hashing_key

    def encrypt(self, secret: str, *, owner: str) -> bytes:
        """Encrypt for one place: ``owner`` (row and field) must be the same when it is read."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def decrypt(self, stored: bytes, *, owner: str) -> str:
        """Decrypt what :meth:`encrypt` made for ``owner``.

        Raises:
            VaultError: it was made for another place, with another key, or was changed.
        """
        try:
            clear = self._cipher.decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], owner.encode())
        except InvalidTag as error:
            raise VaultError(
                f"the stored secret of {owner} does not open with this database's key"
            ) from error
        return clear.decode()

    def hash_token(self, token: str) -> bytes:
        """Return the keyed hash under which a token of high entropy is stored and looked up."""
        return hmac.new(self._hashing_key, token.encode(), hashlib.sha256).digest()

    def hash_of(self, purpose: str, data: bytes) -> bytes:
        """Return a keyed hash of anything, also of what could be guessed; ``purpose`` keeps kinds apart."""
        return hmac.new(self._hashing_key, purpose.encode() + b"\0" + data, hashlib.sha256).digest()


async def open_vault(database: Database, keys: tuple[SecretKey, ...]) -> Vault:
    """Unwrap the data keys; make them when the database has none yet.

    Raises:
        VaultError: the database's data keys were wrapped by a key that is not among ``keys``.
    """
    try:
        return await _open(database, keys)
    except IntegrityError:  # another Director made them at the same moment
        return await _open(database, keys)


async def _open(database: Database, keys: tuple[SecretKey, ...]) -> Vault:
    async with database.write() as session:
        stored = {row.purpose: row for row in await session.scalars(select(DataKey))}
        for purpose in (_ENCRYPTS, _HASHES):
            if purpose not in stored:
                stored[purpose] = _new_data_key(session, purpose, keys[0])
        return Vault(
            encrypting_key=_unwrap(stored[_ENCRYPTS], keys), hashing_key=_unwrap(stored[_HASHES], keys)
        )


async def rewrap(database: Database, keys: tuple[SecretKey, ...]) -> int:
    """Wrap every data key by the first of ``keys``. Returns how many were wrapped by another.

    Directors that serve meanwhile go on: the data keys themselves do not change.
    """
    changed = 0
    async with database.write() as session:
        for row in await session.scalars(select(DataKey).with_for_update()):
            if row.secret_key_id != keys[0].key_id:
                row.wrapped = _wrap(_unwrap(row, keys), row.purpose, keys[0])
                change = {"secret_key_id": {"old": row.secret_key_id, "new": keys[0].key_id}}
                record(session, COMMAND_LINE, "data_key.rewrapped", row.purpose, change)
                row.secret_key_id = keys[0].key_id
                changed += 1
    return changed


def _new_data_key(session: AsyncSession, purpose: str, key: SecretKey) -> DataKey:
    row = DataKey(
        purpose=purpose,
        secret_key_id=key.key_id,
        wrapped=_wrap(os.urandom(_KEY_BYTES), purpose, key),
        created_at=utc_now(),
    )
    session.add(row)
    return row


def _wrap(data_key: bytes, purpose: str, key: SecretKey) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key.value).encrypt(nonce, data_key, purpose.encode())


def _unwrap(row: DataKey, keys: tuple[SecretKey, ...]) -> bytes:
    for key in keys:
        if key.key_id == row.secret_key_id:
            try:
                return AESGCM(key.value).decrypt(
                    row.wrapped[:_NONCE_BYTES], row.wrapped[_NONCE_BYTES:], row.purpose.encode()
                )
            except InvalidTag as error:
                raise VaultError(
                    f"the secret key {key.key_id} is not the one that this database was written with"
                ) from error
    raise VaultError(
        f"this database needs the secret key {row.secret_key_id}, which DIRECTOR_SECRET_KEYS does not hold"
    )
