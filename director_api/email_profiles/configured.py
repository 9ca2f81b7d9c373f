"""What a saved profile and a draft that is being tried have in common."""

from typing import Any, Protocol


class Configured(Protocol):
    """A mailbox with what depends on its server type, save secrets."""

    @property
    def server_type(self) -> str:
        """The kind of mailbox."""

    @property
    def email_address(self) -> str:
        """The address of the mailbox."""

    @property
    def configuration(self) -> dict[str, Any]:
        """The fields that depend on the kind."""
