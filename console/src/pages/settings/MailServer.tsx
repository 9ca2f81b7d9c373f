import { Checkbox, NativeSelect, NumberInput, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { body, director, type Schemas } from "../../api/director";
import { errorAt } from "../../parts/fieldErrors";
import { SaveForm } from "./SaveForm";

type Saved = Schemas["SmtpMailRead"] | null;
type Encryption = Schemas["Encryption"];
type Authentication = Schemas["SmtpAuthentication"];

const POINTERS = [
  "/from_address",
  "/host",
  "/port",
  "/encryption",
  "/authentication",
  "/username",
  "/password",
  "/tls/ca_certificate",
];
const ENCRYPTIONS: { value: Encryption; label: string }[] = [
  { value: "none", label: "None" },
  { value: "starttls", label: "STARTTLS" },
  { value: "ssl_tls", label: "SSL/TLS" },
];
const AUTHENTICATIONS: { value: Authentication; label: string }[] = [
  { value: "plain", label: "Plain" },
  { value: "login", label: "Login" },
  { value: "cram_md5", label: "CRAM-MD5" },
  { value: "ntlm", label: "NTLM" },
];

interface Form {
  from_address: string;
  host: string;
  port: number | null;
  encryption: Encryption;
  authentication: Authentication | null;
  username: string;
  password: string;
  tls: Schemas["Tls"];
}

function initial(saved: Saved): Form {
  return {
    from_address: saved?.from_address ?? "",
    host: saved?.host ?? "",
    port: saved?.port ?? null,
    encryption: saved?.encryption ?? "starttls",
    authentication: saved?.authentication ?? null,
    username: saved?.username ?? "",
    password: "",
    tls: saved?.tls ?? { verify: true },
  };
}

export function MailServer({ saved }: { saved: Saved }) {
  const [form, setForm] = useState(() => initial(saved));
  const change = (changes: Partial<Form>) => setForm({ ...form, ...changes });
  const save = () => {
    const { password, username, ...rest } = form;
    // A password that is left out is kept, as long as nothing else would send it elsewhere.
    const written = { ...rest, transport: "smtp" as const, username: username || null, ...(password ? { password } : {}) };
    return body(director().PUT("/settings/email", { body: written }));
  };
  return (
    <SaveForm save={save} pointers={POINTERS}>
      {(error) => (
        <>
          <TextInput
            label="From"
            description="The sender of the codes"
            required
            type="email"
            value={form.from_address}
            onChange={(event) => change({ from_address: event.currentTarget.value })}
            error={errorAt(error, "/from_address")}
          />
          <TextInput
            label="Server"
            required
            value={form.host}
            onChange={(event) => change({ host: event.currentTarget.value })}
            error={errorAt(error, "/host")}
          />
          <NativeSelect
            label="Encryption"
            data={ENCRYPTIONS}
            value={form.encryption}
            onChange={(event) => change({ encryption: event.currentTarget.value as Encryption, port: null })}
            error={errorAt(error, "/encryption")}
          />
          <NumberInput
            label="Port"
            placeholder="25, 587 or 465 by the encryption"
            min={1}
            max={65535}
            allowDecimal={false}
            value={form.port ?? ""}
            onChange={(value) => change({ port: typeof value === "number" ? value : null })}
            error={errorAt(error, "/port")}
          />
          <NativeSelect
            label="Authentication"
            data={[{ value: "", label: "None" }, ...AUTHENTICATIONS]}
            value={form.authentication ?? ""}
            onChange={(event) => change({ authentication: (event.currentTarget.value || null) as Authentication | null })}
            error={errorAt(error, "/authentication")}
          />
          {form.authentication && (
            <>
              <TextInput
                label="User name"
                required
                value={form.username}
                onChange={(event) => change({ username: event.currentTarget.value })}
                error={errorAt(error, "/username")}
                autoComplete="off"
              />
              <PasswordInput
                label="Password"
                placeholder={saved?.password.set ? "Set; leave empty to keep it" : ""}
                value={form.password}
                onChange={(event) => change({ password: event.currentTarget.value })}
                error={errorAt(error, "/password")}
                autoComplete="new-password"
              />
            </>
          )}
          {form.encryption !== "none" && (
            <>
              <Checkbox
                label="Check the server's certificate"
                checked={form.tls.verify}
                onChange={(event) => change({ tls: { ...form.tls, verify: event.currentTarget.checked } })}
              />
              <Textarea
                label="Private authority (PEM)"
                description="Where no public authority signed the certificate"
                autosize
                minRows={2}
                maxRows={6}
                value={form.tls.ca_certificate ?? ""}
                onChange={(event) => change({ tls: { ...form.tls, ca_certificate: event.currentTarget.value || null } })}
                error={errorAt(error, "/tls/ca_certificate")}
              />
            </>
          )}
        </>
      )}
    </SaveForm>
  );
}
