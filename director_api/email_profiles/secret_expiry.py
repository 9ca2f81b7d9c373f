"""When an app's secret expires, and what is said of it beforehand."""

from datetime import datetime, timedelta

from director_api.email_profiles.schemas import ProfileWarning

_NOTICES = tuple(timedelta(days=days) for days in (30, 7, 1, 0))
"""How long before it expires an event tells so; the last tells that it has."""
_HINT = "Make a new client secret for the app in Entra, and save it in the profile with its expiry."


def expiry_warning(expires_at: datetime | None, now: datetime) -> ProfileWarning | None:
    """Return the warning that a profile shows of its secret, from 30 days before it expires."""
    if expires_at is None or expires_at - now > _NOTICES[0]:
        return None
    if expires_at <= now:
        message = f"The app's client secret expired on {expires_at:%Y-%m-%d}."
        return ProfileWarning(code="secret_expired", message=message, hint=_HINT)
    message = f"The app's client secret expires on {expires_at:%Y-%m-%d}."
    return ProfileWarning(code="secret_expiring", message=message, hint=_HINT)


def next_notice(expires_at: datetime | None, after: datetime) -> datetime | None:
    """Return when the next event about the secret is due; null where none is to come."""
    if expires_at is None:
        return None
    # Added on this side: no date lies 30 days before the first one.
    return next((expires_at - notice for notice in _NOTICES if expires_at > after + notice), None)
