"""The Actor itself."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure, warning

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.ACTOR_OFFLINE: failure(
        Phase.ACTOR,
        "The Actor did not ask for work in time.",
        "Check on the VM that the Actor runs (actor status) and that it can reach the Director.",
        retryable=True,
    ),
    FailureCode.LEASE_LOST: failure(
        Phase.ACTOR,
        "The Actor took the check and was not heard of again, three times.",
        "Look at the Actor's log on the VM: it stops in the middle of a check or loses its connection.",
        retryable=True,
    ),
    FailureCode.ACTOR_INTERFACES_OVERLAP: warning(
        Phase.ACTOR,
        "Two interfaces of the Actor took addresses of one subnet from DHCP.",
        "Replies may leave by the other interface and be dropped on the way: take one interface off the "
        "subnet, or give it a static address and a route of its own. The connect step shows which was used.",
    ),
    FailureCode.ACTOR_LACKS_CAPABILITY: failure(
        Phase.ACTOR,
        "The Actor cannot do what this profile needs.",
        "failure_detail names what is missing: install a newer version of the Actor on this VM, or choose "
        "another Actor.",
    ),
    FailureCode.UNSUPPORTED_JOB: failure(
        Phase.ACTOR,
        "The Actor's version cannot do this kind of check.",
        "Install a newer version of the Actor on this VM.",
    ),
    FailureCode.SEAL_UNREADABLE: failure(
        Phase.ACTOR,
        "The Actor could not open the credentials that were sealed for it.",
        "Enroll the Actor again: its key and the key that the Director knows differ.",
    ),
    FailureCode.ACTOR_ERROR: failure(
        Phase.ACTOR,
        "The Actor met an error of its own.",
        "Look at the Actor's log on the VM and report it: this is a defect.",
        retryable=True,
    ),
}
