"""The text that ``q`` looks in: one column, so that a search is one comparison a row."""

from typing import Any


def search_text(email_address: str, note: str, configuration: dict[str, Any]) -> str:
    """Return what people search a profile by: address, mailbox, account, hosts, tenant, note; case folded."""
    account = configuration.get("account") or {}
    servers = [configuration.get(name) or {} for name in ("incoming", "outgoing")]
    app = configuration.get("graph") or configuration.get("oauth") or {}
    parts = [email_address, configuration.get("mailbox"), account.get("username")]
    parts += [server.get("host") for server in servers]
    parts += [app.get("tenant_id"), note]
    return "\n".join(part for part in parts if part).casefold()
