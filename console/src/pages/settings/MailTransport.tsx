import { Title } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { body, director, type Schemas } from "../../api/director";
import { CLOUDS } from "../../parts/clouds";
import { Choice, FormContext, LongSecret, LongText, Secret, Text, Tick, useForm } from "../../parts/fields";
import { errorsByField } from "../../parts/fieldErrors";
import { assembled, differs, flat, type Values } from "../../parts/values";
import { SaveForm } from "./SaveForm";

export type SavedMail = Schemas["SmtpMailRead"] | Schemas["GraphMailRead"] | Schemas["GmailMailRead"];
type Written = Schemas["SmtpMailWrite"] | Schemas["GraphMailWrite"] | Schemas["GmailMailWrite"];
type Transport = SavedMail["transport"];

const ENCRYPTIONS = ["none", "starttls", "ssl_tls"];
const LOGIN = ["/authentication", "/username", "/password"];
const TLS = ["/tls/verify", "/tls/ca_certificate", "/tls/pinned_sha256"];
const APP = ["/tenant_id", "/client_id", "/client_secret", "/cloud"];
const BOUNCES = ["host", "port", "encryption", "username", "password"].map((field) => `/bounces/${field}`);
const EMPTY: Values = {
  "/transport": "smtp",
  "/encryption": "starttls",
  "/authentication": "none",
  "/tls/verify": true,
  "/cloud": "global",
  "/bounces/encryption": "ssl_tls",
};

/** The fields that are sent, by what was chosen. */
function pointersOf(values: Values): string[] {
  const common = ["/transport", "/from_address", ...(values["/bounces/host"] ? BOUNCES : [])];
  switch (values["/transport"] as Transport) {
    case "smtp":
      return [...common, "/host", "/port", "/encryption", ...(values["/authentication"] === "none" ? [] : LOGIN), ...TLS];
    case "microsoft_graph":
      return [...common, ...APP];
    case "gmail":
      return [...common, "/service_account_json"];
  }
}

/** How the Director's own mail leaves, and where it comes back. */
export function MailTransport({ saved }: { saved: SavedMail | null }) {
  const [values, setValues] = useState(() => typedAtFirst(saved));
  const save = async () => {
    const written = assembled(values, pointersOf(values));
    const tls = saved?.bounces?.tls; // which has no fields here, and stays
    if (written["bounces"] && tls) written["bounces"] = { ...written["bounces"], tls };
    setValues(typedAtFirst(await body(director().PUT("/settings/email", { body: written as unknown as Written }))));
  };
  const set = (pointer: string, value: Values[string]) => {
    const port: Values = pointer === "/encryption" ? { "/port": "" } : {}; // each has a port of its own
    setValues((typed) => ({ ...typed, ...port, [pointer]: value }));
  };
  const fill = (make: (typed: Values) => Values) => setValues((typed) => ({ ...typed, ...make(typed) }));
  return (
    <SaveForm save={save} changed={differs(values, typedAtFirst(saved))} pointers={pointersOf(values)}>
      {(error) => (
        <FormContext value={{ values, errors: errorsByField(error), stored: storedOf(saved), set, fill }}>
          <Choice at="/transport" label="By" of={["smtp", "microsoft_graph", "gmail"]} />
          <Text at="/from_address" label="From" type="email" required hint="The sender of the codes." />
          {WAYS[values["/transport"] as Transport]}
          <Bounces />
        </FormContext>
      )}
    </SaveForm>
  );
}

const WAYS: Record<Transport, ReactNode> = {
  smtp: <Smtp />,
  microsoft_graph: (
    <>
      <Text at="/tenant_id" label="Tenant ID" required />
      <Text at="/client_id" label="Client ID" required hint="It needs the permission Mail.Send alone." />
      <Secret at="/client_secret" label="Client Secret" hint="The secret's value, not its ID." />
      <Choice at="/cloud" label="Cloud" of={CLOUDS} />
    </>
  ),
  gmail: <LongSecret at="/service_account_json" label="Key file (JSON)" hint="Its delegation needs the scope gmail.send alone." />,
};

function Smtp() {
  const { values } = useForm();
  return (
    <>
      <Text at="/host" label="Server" required />
      <Text at="/port" label="Port" placeholder="25, 587 or 465" />
      <Choice at="/encryption" label="Encryption" of={ENCRYPTIONS} />
      <Choice at="/authentication" label="Authentication" of={["none", "plain", "login", "cram_md5", "ntlm"]} />
      {values["/authentication"] !== "none" && (
        <>
          <Text at="/username" label="User name" required />
          <Secret at="/password" label="Password" />
        </>
      )}
      {values["/encryption"] !== "none" && (
        <>
          <Tick at="/tls/verify" label="Check the server's certificate" />
          <LongText at="/tls/ca_certificate" label="Private authority (PEM)" hint="Where no public authority signed the certificate." />
        </>
      )}
    </>
  );
}

/** The mailbox where undeliverable mail is read; without a server there is none. */
function Bounces() {
  const { values } = useForm();
  return (
    <>
      <Title order={4} size="h6" className="whole-line">
        Mail that comes back
      </Title>
      <Text at="/bounces/host" label="IMAP Server" hint="Where mail to the sender is read. Empty: it is not looked for." />
      {values["/bounces/host"] && (
        <>
          <Text at="/bounces/port" label="IMAP Port" placeholder="993 or 143" />
          <Choice at="/bounces/encryption" label="IMAP Encryption" of={ENCRYPTIONS} />
          <Text at="/bounces/username" label="IMAP User name" required />
          <Secret at="/bounces/password" label="IMAP Password" />
        </>
      )}
    </>
  );
}

const typedAtFirst = (saved: SavedMail | null): Values => ({ ...EMPTY, ...(saved && flat(saved)) });

type Stored = Record<string, Schemas["SecretState"]>;

function storedOf(saved: SavedMail | null): Stored {
  if (!saved) return {};
  const bounces: Stored = saved.bounces ? { "/bounces/password": saved.bounces.password } : {};
  switch (saved.transport) {
    case "smtp":
      return { "/password": saved.password, ...bounces };
    case "microsoft_graph":
      return { "/client_secret": saved.client_secret, ...bounces };
    case "gmail":
      return { "/service_account_json": saved.service_account_json, ...bounces };
  }
}
