/** What the fields of a profile are called, by their JSON pointers. */
const LABELS = {
  "/server_type": "Server Type",
  "/send_verification_manually": "Send verification email manually",
  "/email_address": "Email Address",
  "/security_zone_id": "Security Zone",
  "/actor_ids": "Actors",
  "/mailbox": "Mailbox",
  "/reverify_every_hours": "Verify again every … hours",
  "/note": "Note",
  "/delete_verification_message": "Delete the verification message afterwards",
  "/account/username": "Account",
  "/account/password": "Password",
  "/incoming/host": "Incoming Mail Server",
  "/incoming/port": "Port",
  "/incoming/encryption": "Encryption",
  "/incoming/authentication": "Authentication",
  "/oauth/provider": "Provider",
  "/oauth/cloud": "Cloud",
  "/oauth/tenant_id": "Tenant ID",
  "/oauth/client_id": "Client ID",
  "/oauth/client_secret": "Client Secret",
  "/tls/ca_certificate": "Private authority (PEM)",
  "/tls/pinned_sha256": "Pinned certificate (SHA-256)",
  "/tls/verify": "Verify the server's certificate",
  "/graph/cloud": "Cloud",
  "/graph/tenant_id": "Tenant ID",
  "/graph/client_id": "Client ID",
  "/graph/client_secret": "Client Secret",
  "/graph/client_secret_expires_at": "Client Secret expires",
  "/gmail/scope": "Scope",
  "/gmail/client_id": "Client ID",
  "/gmail/client_secret": "Client Secret",
  "/gmail/service_account_json": "Key file (JSON)",
  "/outgoing/host": "Outgoing Mail Server",
  "/outgoing/port": "Port",
  "/outgoing/encryption": "Encryption",
  "/outgoing/authentication": "SMTP Authentication",
};

/** A field of a profile: where it stands in the document, and its label. */
export const field = (at: keyof typeof LABELS) => ({ at, label: LABELS[at] });

export function labelOf(pointer: string): string {
  return pointer in LABELS ? LABELS[pointer as keyof typeof LABELS] : pointer;
}
