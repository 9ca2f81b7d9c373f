"""The OpenAPI documents that are committed: made from the code, compared with the files by a test."""

from typing import Any

from director_api.actor_protocol.endpoints import router as actor_protocol
from director_api.app import build_app
from director_api.openapi import actor_document, director_document


def documents() -> dict[str, dict[str, Any]]:
    """Return each document by its file name."""
    return {
        "director.json": director_document(build_app()),
        "actor.json": actor_document(list(actor_protocol.routes)),
    }
