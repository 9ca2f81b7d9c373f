"""When an app's secret expires, and what is said of it beforehand."""

from datetime import datetime, timedelta

from director_api.email_profiles.schemas import ProfileWarning

WARN_DAYS = 30
_HINT = "Make a new client secret for the app in Entra, and save it in the profile with its expiry."


def expiry_warning(expires_at: datetime | None, now: datetime) -> ProfileWarning | None:
    """Return the warning that a profile shows of its secret, from 30 days before it expires."""
    if expires_at is None or expires_at - now > timedelta(days=WARN_DAYS):
        return None
    if expires_at <= now:
        message = f"The app's client secret expired on {expires_at:%Y-%m-%d}."
        return ProfileWarning(code="secret_expired", message=message, hint=_HINT)
    message = f"The app's client secret expires on {expires_at:%Y-%m-%d}."
    return ProfileWarning(code="secret_expiring", message=message, hint=_HINT)
