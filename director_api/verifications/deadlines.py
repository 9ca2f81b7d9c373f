"""When the sweep must look at a check next, pure: the earliest of what can happen by time alone."""

from datetime import datetime, timedelta

from director_api.verifications.models import Check
from director_api.verifications.state_machine import UNSENT, CheckState, MailState

SEARCH_GRACE = timedelta(seconds=60)
"""After the search's end an Actor may finish the search that it is in: four replies of 15 s."""


def next_deadline(check: Check) -> datetime | None:
    """Return when the check's state may change by itself; null for a check that has ended."""
    if check.state not in (CheckState.QUEUED, CheckState.LEASED):
        return None
    moments = [check.offline_at if check.state == CheckState.QUEUED else check.lease_expires_at]
    if MailState(check.mail) in UNSENT:
        moments.append(check.send_until)
    if check.state == CheckState.LEASED and check.search_until is not None:
        moments.append(check.search_until + SEARCH_GRACE)
    return min(moment for moment in moments if moment is not None)
