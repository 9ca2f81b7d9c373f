"""Reading the header ``Idempotency-Key``."""

import re
from collections.abc import Sequence
from typing import Final

from director_api.problems import Problem

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
LONGEST: Final = 255
PATTERN: Final = r'^([!#-~]+|"([ !#-\[\]-~]|\\["\\])+")$'
"""Both forms, for the OpenAPI document."""
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE = re.compile(r"[!#-~]+")


def read_key(values: Sequence[str]) -> str:
    """Return the key: a string of structured fields (RFC 9651, section 3.3.3), or the same without quotes.

    Raises:
        Problem: there are several, or it is empty, too long or of another form.
    """
    value = values[0].strip() if len(values) == 1 else ""
    quoted = _QUOTED.fullmatch(value)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else value if _BARE.fullmatch(value) else ""
    if not 1 <= len(key) <= LONGEST:
        raise Problem(
            400,
            "invalid_idempotency_key",
            f"{HEADER} takes one string of 1 to {LONGEST} printable ASCII characters, such as a UUID.",
        )
    return key
