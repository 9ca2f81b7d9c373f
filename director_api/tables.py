"""Every table of the Director: importing this fills the metadata."""

from director_api.access.models import ApiToken
from director_api.actors.models import Actor, EnrollmentToken
from director_api.audit.models import AuditEntry
from director_api.database import Base
from director_api.email_profiles.models import EmailProfile, ManualCode, ProfileActor, ProfileSecret
from director_api.events.models import Event, EventFeedState
from director_api.google_consent.models import ConsentRequest
from director_api.idempotency.models import IdempotencyKey
from director_api.jobs.models import Job, JobLease, JobRun
from director_api.mail_settings.models import EmailActions, EmailSettings
from director_api.outbox.models import OutboxMessage
from director_api.records.models import SigningKey
from director_api.security_zones.models import SecurityZone
from director_api.vault import DataKey
from director_api.verifications.models import Check, FailedLogin, Lease, Verification
from director_api.webhooks.models import Delivery, Webhook

ALL_TABLES: tuple[type[Base], ...] = (
    Actor,
    ApiToken,
    AuditEntry,
    Check,
    ConsentRequest,
    DataKey,
    Delivery,
    EmailActions,
    EmailProfile,
    EmailSettings,
    EnrollmentToken,
    Event,
    EventFeedState,
    FailedLogin,
    IdempotencyKey,
    Job,
    JobLease,
    JobRun,
    Lease,
    ManualCode,
    OutboxMessage,
    ProfileActor,
    ProfileSecret,
    SecurityZone,
    SigningKey,
    Verification,
    Webhook,
)
