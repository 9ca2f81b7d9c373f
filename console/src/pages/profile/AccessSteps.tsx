import { NativeSelect, Stack } from "@mantine/core";
import { Folded } from "../../parts/Folded";
import { CLOUDS } from "../../parts/clouds";
import { Choice, LongSecret, LongText, Secret, Text, Tick, useForm } from "../../parts/fields";
import { isByToken } from "./form";

const ENCRYPTIONS = ["none", "ssl_tls", "starttls"];

/** The second step: how the mailbox is read. */
export function AccessStep() {
  const type = useForm().values["/server_type"];
  if (type === "microsoft_graph") return <GraphApp />;
  if (type === "gmail") return <GmailAccess />;
  return <Incoming ports={type === "imap" ? ["143", "993"] : ["110", "995"]} />;
}

function Incoming({ ports: [plain = "", tls = ""] }: { ports: string[] }) {
  const { values } = useForm();
  const byToken = isByToken(values);
  return (
    <Stack>
      <div className="fields">
        <Text at="/account/username" label="Account" required hint="user@domain or DOMAIN\user" />
        {!byToken && <Secret at="/account/password" label="Password" />}
      </div>
      <div className="fields">
        <Text at="/incoming/host" label="Incoming Mail Server" required placeholder="mail.example.com" />
        <Text at="/incoming/port" label="Port" placeholder={values["/incoming/encryption"] === "ssl_tls" ? tls : plain} />
        <Choice at="/incoming/encryption" label="Encryption" of={ENCRYPTIONS} />
        <Choice at="/incoming/authentication" label="Authentication" of={["plain", "ntlm", "xoauth2"]} />
      </div>
      {byToken && <OAuthApp />}
      <Certificates />
    </Stack>
  );
}

function OAuthApp() {
  const { values } = useForm();
  const microsoft = values["/oauth/provider"] === "microsoft";
  return (
    <fieldset>
      <legend>OAuth 2.0 application</legend>
      <div className="fields">
        <Choice at="/oauth/provider" label="Provider" of={["microsoft", "google"]} />
        {microsoft && <Choice at="/oauth/cloud" label="Cloud" of={CLOUDS} />}
        {microsoft && <Text at="/oauth/tenant_id" label="Tenant ID" required />}
        <Text at="/oauth/client_id" label="Client ID" required />
        <Secret at="/oauth/client_secret" label="Client Secret" />
      </div>
    </fieldset>
  );
}

function Certificates() {
  return (
    <Folded summary="Certificates" holds={/^\/tls\b/}>
      <div className="fields">
        <LongText at="/tls/ca_certificate" label="Private authority (PEM)" hint="Empty: the public authorities count." />
        <Text at="/tls/pinned_sha256" label="Pinned certificate (SHA-256)" />
        <Tick
          at="/tls/verify"
          label="Verify the server's certificate"
          hint="Without it anyone on the way can read the password. Prefer the private authority."
        />
      </div>
    </Folded>
  );
}

function GraphApp() {
  return (
    <div className="fields">
      <Choice at="/graph/cloud" label="Cloud" of={CLOUDS} />
      <Text at="/graph/tenant_id" label="Tenant ID" required />
      <Text at="/graph/client_id" label="Client ID" required />
      <Secret at="/graph/client_secret" label="Client Secret" hint="The secret's value, not its ID." />
      <Text at="/graph/client_secret_expires_at" label="Client Secret expires" type="date" hint="To be told in time." />
    </div>
  );
}

function GmailAccess() {
  const { values, set } = useForm();
  const byKey = values["#gmail_access"] === "key";
  return (
    <div className="fields">
      <NativeSelect
        label="Access"
        value={String(values["#gmail_access"])}
        onChange={(event) => set("#gmail_access", event.currentTarget.value)}
        data={[
          { value: "consent", label: "Consent of the mailbox's owner" },
          { value: "key", label: "Service account of a Workspace" },
        ]}
      />
      <Choice at="/gmail/scope" label="Scope" of={["metadata", "readonly"]} hint="Metadata is the least privilege." />
      {!byKey && <Text at="/gmail/client_id" label="Client ID" required />}
      {!byKey && <Secret at="/gmail/client_secret" label="Client Secret" hint="Then choose Authorize in the table." />}
      {byKey && <LongSecret at="/gmail/service_account_json" label="Key file (JSON)" />}
    </div>
  );
}

/** The third step: the account's server for sending. */
export function OutgoingStep() {
  const { values, set } = useForm();
  const port = { ssl_tls: "465", starttls: "587" }[String(values["/outgoing/encryption"])] ?? "25";
  return (
    <Stack>
      <div className="fields">
        <Text at="/outgoing/host" label="Outgoing Mail Server" hint="Empty: the account sends nothing." />
        <Text at="/outgoing/port" label="Port" placeholder={port} />
        <Choice at="/outgoing/encryption" label="Encryption" of={ENCRYPTIONS} />
      </div>
      <Tick
        at="#smtp_authentication"
        label="SMTP Requires Authentication"
        hint="By the same account and password."
        onSet={(on) => set("/outgoing/authentication", on ? "plain" : "")}
      />
      {values["#smtp_authentication"] === true && (
        <div className="fields">
          <Choice at="/outgoing/authentication" label="SMTP Authentication" of={["plain", "ntlm"]} />
          {isByToken(values) && <Secret at="/account/password" label="Password" hint="For sending alone: the mailbox is read by tokens." />}
        </div>
      )}
    </Stack>
  );
}
