"""Asking the issuer: bounded in time and size, without a redirect, by no proxy that the environment names."""

import asyncio
import json
import re
import ssl
from typing import Any, Final

import httpx

SECONDS: Final = 10.0
"""For both documents together, from resolving a name to the last byte."""
_LONGEST = 256 * 1024
_SAFE_URL = re.compile(r"https://[^/]+(/.*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/.*)?")
_DISCOVERY = "/.well-known/openid-configuration"


class IssuerAway(Exception):  # noqa: N818  # because it is a state of affairs, not a mistake
    """The issuer gave no answer that could be used; the text says why, for the log."""


async def fetch_keys(issuer: str) -> list[dict[str, Any]]:
    """Return the issuer's keys as they are published.

    OpenID Connect Discovery 1.0, section 4; RFC 7517, section 5.

    Raises:
        IssuerAway: it could not be asked, or what it said is not what the standards ask for.
    """
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(
                verify=ssl.create_default_context(), trust_env=False, headers={"Accept-Encoding": "identity"}
            ) as http,
        ):
            metadata = await _get(http, issuer.rstrip("/") + _DISCOVERY)
            # Section 4.3: the issuer that was found must be the one that was asked for.
            if metadata.get("issuer") != issuer:
                raise IssuerAway(f"its metadata names another issuer: {str(metadata.get('issuer'))[:200]!r}")
            keys = (await _get(http, str(metadata.get("jwks_uri")))).get("keys")
    except TimeoutError as error:
        raise IssuerAway("it did not answer in time") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise IssuerAway(f"it could not be asked: {type(error).__name__} {error}") from error
    if not isinstance(keys, list):
        raise IssuerAway("its key set holds no list of keys")
    return [key for key in keys if isinstance(key, dict)]


async def _get(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    if not _SAFE_URL.fullmatch(url):
        raise IssuerAway(f"an address of it is not https: {url[:200]!r}")
    body = b""
    async with http.stream("GET", url) as answer:
        if answer.status_code != 200:
            raise IssuerAway(f"{url} answered {answer.status_code}")
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > _LONGEST:
                raise IssuerAway(f"{url} answered with more than {_LONGEST} bytes")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise IssuerAway(f"{url} answered with something that is not JSON") from error
    if not isinstance(document, dict):
        raise IssuerAway(f"{url} answered with something that is not an object")
    return document
