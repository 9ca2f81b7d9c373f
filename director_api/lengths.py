"""How long the texts of a request may be, as the settings say: kept by the fields, and shown in the document."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ModelWrapValidatorHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema
from starlette.types import ASGIApp, Receive, Scope, Send

from director_api.field_errors import ApiModel

Kind = Literal["names", "lines", "texts", "secrets", "files"]
MOST_NAME: Final = 128
MOST_LINE: Final = 320
MOST_TEXT: Final = 65_536
MOST_SECRET: Final = 4096
MOST_FILE: Final = 65_536


@dataclass(frozen=True, slots=True)
class Lengths:
    """The most characters of each kind of text.

    ``names``: of zones and API tokens. ``lines``: addresses, account names, mailboxes. ``texts``: notes
    and descriptions. ``secrets``: passwords and an app's secrets. ``files``: certificates and key files.
    """

    names: int = MOST_NAME
    lines: int = MOST_LINE
    texts: int = 4000
    secrets: int = MOST_SECRET
    files: int = MOST_FILE


DEFAULT: Final = Lengths()
UNBOUNDED: Final = Lengths(texts=MOST_TEXT)
"""For what is stored, and was sent under the settings of its time."""
_lengths: ContextVar[Lengths] = ContextVar("lengths", default=DEFAULT)
_taking: ContextVar[bool] = ContextVar("taking", default=False)


@dataclass(frozen=True, slots=True)
class Bounded:
    """Annotates a text: as long as the settings allow its kind to be where a client sends it.

    What is stored is shown whatever its length: the settings may have been others when it was sent.
    """

    kind: Kind

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the length after everything else."""
        return core_schema.no_info_after_validator_function(self._short_enough, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Name the length that this Director takes."""
        shown = handler(schema)
        if handler.mode == "validation":
            shown["maxLength"] = min(self._most(), shown.get("maxLength", self._most()))
        return shown

    def _short_enough(self, value: Any) -> Any:
        if _taking.get() and len(value) > self._most():
            raise PydanticKnownError("string_too_long", {"max_length": self._most()})
        return value

    def _most(self) -> int:
        most: int = getattr(_lengths.get(), self.kind)
        return most


class Taken(ApiModel):
    """The base of every body that a client sends: its texts are as short as the settings want."""

    @model_validator(mode="wrap")
    @classmethod
    def _as_short_as_the_settings_want(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        before = _taking.set(True)
        try:
            return handler(value)
        finally:
            _taking.reset(before)


@contextmanager
def lengths_of(lengths: Lengths) -> Iterator[None]:
    """Let these be the lengths of what is read and documented within."""
    before = _lengths.set(lengths)
    try:
        yield
    finally:
        _lengths.reset(before)


class KeptLengths:
    """Answers every request under the lengths of its application (``state.limits``)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with lengths_of(scope["app"].state.limits.lengths):
            await self._app(scope, receive, send)
