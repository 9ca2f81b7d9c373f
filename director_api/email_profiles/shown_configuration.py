"""The part of a profile that depends on its server type, as it is shown."""

from datetime import datetime
from typing import Any

from director_api.email_profiles import secret_rules
from director_api.email_profiles.models import EmailProfile
from director_api.fields import SecretState
from wire_contract.jobs import Cloud

_TYPE_NAMES = {"imap": "IMAP", "pop3": "POP3", "microsoft_graph": "Microsoft Graph", "gmail": "Gmail"}
_CLOUD_NAMES: dict[str, str] = {
    Cloud.GLOBAL: "Microsoft Graph",
    Cloud.US_GOVERNMENT: "Microsoft Graph (US government)",
    Cloud.US_GOVERNMENT_DOD: "Microsoft Graph (US DoD)",
    Cloud.CHINA: "Microsoft Graph (China)",
}
States = dict[str, SecretState]
_UNSET = SecretState(set=False)


def shown_configuration(row: EmailProfile, states: States) -> dict[str, Any]:
    """Return the fields of the row's server type, each secret as set or not."""
    configuration: dict[str, Any] = row.configuration
    common = {"type": _TYPE_NAMES[row.server_type], "smtp_server": None}
    if "graph" in configuration:
        graph = _graph(configuration["graph"], row.client_secret_expires_at, states)
        service = _CLOUD_NAMES[graph["cloud"]]
        return {**configuration, **common, "graph": graph, **_in_cloud(row, service)}
    if "gmail" in configuration:
        gmail = _gmail(configuration["gmail"], states)
        return {**configuration, **common, "gmail": gmail, **_in_cloud(row, "Gmail API")}
    outgoing = configuration["outgoing"]
    return {
        **configuration,
        **common,
        "account": {**configuration["account"], "password": states.get(secret_rules.PASSWORD, _UNSET)},
        "oauth": _oauth(configuration["oauth"], states) if "oauth" in configuration else None,
        "server_address": _address(configuration["incoming"]),
        "smtp_server": _address(outgoing) if outgoing else None,
    }


def lacks_consent(row: EmailProfile, states: States) -> bool:
    """Tell whether the owner of a Google mailbox has yet to consent."""
    return secret_rules.needs_consent(row.configuration) and secret_rules.REFRESH_TOKEN not in states


def _in_cloud(row: EmailProfile, service: str) -> dict[str, Any]:
    mailbox = row.configuration["mailbox"] or row.email_address
    return {"account": {"username": mailbox}, "server_address": service}


def _graph(graph: dict[str, Any], expires_at: datetime | None, states: States) -> dict[str, Any]:
    state = states.get(secret_rules.GRAPH_SECRET, _UNSET)
    return {**graph, "client_secret": state, "client_secret_expires_at": expires_at}


def _gmail(gmail: dict[str, Any], states: States) -> dict[str, Any]:
    by_app = gmail["client_id"] is not None
    return {
        **gmail,
        "client_secret": states.get(secret_rules.GMAIL_SECRET, _UNSET) if by_app else None,
        "service_account_json": None if by_app else states.get(secret_rules.SERVICE_ACCOUNT, _UNSET),
        "consent": states.get(secret_rules.REFRESH_TOKEN, _UNSET) if by_app else None,
    }


def _oauth(oauth: dict[str, Any], states: States) -> dict[str, Any]:
    asks = oauth["provider"] == "google"
    return {
        **oauth,
        "client_secret": states.get(secret_rules.OAUTH_SECRET, _UNSET),
        "consent": states.get(secret_rules.REFRESH_TOKEN, _UNSET) if asks else None,
    }


def _address(server: dict[str, Any]) -> str:
    host = f"[{server['host']}]" if ":" in server["host"] else server["host"]
    return f"{host}:{server['port']}"
