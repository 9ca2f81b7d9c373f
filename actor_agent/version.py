"""What this Actor is and can do, as the Director is told."""

from actor_agent.kinds_of_mailbox import LOOKING
from wire_contract.job_kinds import XOAUTH2_CLOUDS, JobKind

VERSION = "0.1.0"
CAPABILITIES = (
    JobKind.CHECK.value,
    JobKind.CONNECTIVITY.value,
    JobKind.AUTOCONFIG.value,
    *LOOKING,
    "smtp",
    *("plain", "ntlm", "xoauth2", XOAUTH2_CLOUDS),
)
"""The kinds of job, the protocols and the ways to log in that this version has."""
