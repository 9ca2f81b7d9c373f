"""A valid profile of each kind that needs more than an account and a password."""

import json
from typing import Any

from tests.director_api.scripted_actor import ScriptedActor

KEY_FILE = json.dumps(
    {
        "type": "service_account",
        "client_email": "reader@project.iam.gserviceaccount.com",
        "private_key": "a-private-key",
    }
)
GRAPH_APP = {"tenant_id": "contoso.example", "client_id": "app-1", "client_secret": "s3cret-of-the-app"}
GMAIL_APP = {"client_id": "app-2", "client_secret": "s3cret-of-the-app"}
MICROSOFT_OAUTH = {"provider": "microsoft", **GRAPH_APP}
GOOGLE_OAUTH = {"provider": "google", **GMAIL_APP}


def common(*actors: ScriptedActor, **fields: Any) -> dict[str, Any]:
    """Return what all types have, in manual mode."""
    ids = [actor.id for actor in actors]
    return {
        "email_address": "box@example.test",
        "actor_ids": ids,
        "send_verification_manually": True,
        **fields,
    }


def graph(*actors: ScriptedActor, **fields: Any) -> dict[str, Any]:
    """Return a profile of type ``microsoft_graph``."""
    return {**common(*actors), "server_type": "microsoft_graph", "graph": GRAPH_APP, **fields}


def gmail(*actors: ScriptedActor, **fields: Any) -> dict[str, Any]:
    """Return a profile of type ``gmail``, by an app that its owner consents to."""
    return {**common(*actors), "server_type": "gmail", "gmail": GMAIL_APP, **fields}


def xoauth2(*actors: ScriptedActor, **fields: Any) -> dict[str, Any]:
    """Return a profile of type ``imap`` that logs in by tokens of Microsoft."""
    return {
        **common(*actors),
        "server_type": "imap",
        "account": {"username": "box@example.test"},
        "incoming": {"host": "imap.example.test", "authentication": "xoauth2"},
        "oauth": MICROSOFT_OAUTH,
        **fields,
    }
