"""What a profile says when its schedule could not start a verification."""

from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.schemas import ProfileWarning

_HINTS = {
    "gmail_consent_missing": "Authorize the profile, and let the mailbox's owner consent.",
    "email_settings_missing": "PUT /settings/email, or set send_verification_manually on the profile.",
    "login_refused": (
        "The server refused the login, and a refused login is never repeated by itself: correct the account, "
        "or start a verification by hand."
    ),
}


def schedule_warning(row: EmailProfile) -> ProfileWarning | None:
    """Return the warning that the last scheduled verification did not start; null where it did."""
    if row.schedule_problem is None:
        return None
    return ProfileWarning(
        code="scheduled_verification_not_started",
        message=f"The last scheduled verification could not start: {row.schedule_problem}.",
        hint=_HINTS.get(row.schedule_problem, "Start one with verify: the answer says what is missing."),
    )
