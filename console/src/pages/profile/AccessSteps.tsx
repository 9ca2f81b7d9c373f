import { NativeSelect, Stack } from "@mantine/core";
import { Folded } from "../../parts/Folded";
import { CLOUDS } from "../../parts/clouds";
import { Choice, LongSecret, LongText, Secret, Text, Tick, useForm } from "../../parts/fields";
import { isByToken } from "./form";
import { field } from "./labels";

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
        <Text {...field("/account/username")} required hint="user@domain or DOMAIN\user" />
        {!byToken && <Secret {...field("/account/password")} />}
      </div>
      <div className="fields">
        <Text {...field("/incoming/host")} required placeholder="mail.example.com" />
        <Text {...field("/incoming/port")} placeholder={values["/incoming/encryption"] === "ssl_tls" ? tls : plain} />
        <Choice {...field("/incoming/encryption")} of={ENCRYPTIONS} />
        <Choice {...field("/incoming/authentication")} of={["plain", "ntlm", "xoauth2"]} />
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
        <Choice {...field("/oauth/provider")} of={["microsoft", "google"]} />
        {microsoft && <Choice {...field("/oauth/cloud")} of={CLOUDS} />}
        {microsoft && <Text {...field("/oauth/tenant_id")} required />}
        <Text {...field("/oauth/client_id")} required />
        <Secret {...field("/oauth/client_secret")} />
      </div>
    </fieldset>
  );
}

function Certificates() {
  return (
    <Folded summary="Certificates" holds={/^\/tls\b/}>
      <div className="fields">
        <LongText {...field("/tls/ca_certificate")} hint="Empty: the public authorities count." />
        <Text {...field("/tls/pinned_sha256")} />
        <Tick
          {...field("/tls/verify")}
          hint="Without it anyone on the way can read the password. Prefer the private authority."
        />
      </div>
    </Folded>
  );
}

function GraphApp() {
  return (
    <div className="fields">
      <Choice {...field("/graph/cloud")} of={CLOUDS} />
      <Text {...field("/graph/tenant_id")} required />
      <Text {...field("/graph/client_id")} required />
      <Secret {...field("/graph/client_secret")} hint="The secret's value, not its ID." />
      <Text {...field("/graph/client_secret_expires_at")} type="date" hint="To be told in time." />
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
      <Choice {...field("/gmail/scope")} of={["metadata", "readonly"]} hint="Metadata is the least privilege." />
      {!byKey && <Text {...field("/gmail/client_id")} required />}
      {!byKey && <Secret {...field("/gmail/client_secret")} hint="Then choose Authorize in the table." />}
      {byKey && <LongSecret {...field("/gmail/service_account_json")} />}
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
        <Text {...field("/outgoing/host")} hint="Empty: the account sends nothing." />
        <Text {...field("/outgoing/port")} placeholder={port} />
        <Choice {...field("/outgoing/encryption")} of={ENCRYPTIONS} />
      </div>
      <Tick
        at="#smtp_authentication"
        label="SMTP Requires Authentication"
        hint="By the same account and password."
        onSet={(on) => set("/outgoing/authentication", on ? "plain" : "")}
      />
      {values["#smtp_authentication"] === true && (
        <div className="fields">
          <Choice {...field("/outgoing/authentication")} of={["plain", "ntlm"]} />
          {isByToken(values) && <Secret {...field("/account/password")} hint="For sending alone: the mailbox is read by tokens." />}
        </div>
      )}
    </Stack>
  );
}
