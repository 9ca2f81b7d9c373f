import { NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";

import { body, director, type Schemas } from "../../api/director";
import { errorAt } from "../../parts/fieldErrors";
import { SaveForm } from "./SaveForm";

type Saved = Schemas["GraphMailRead"] | null;
type Cloud = Schemas["Cloud"];

const POINTERS = ["/from_address", "/tenant_id", "/client_id", "/client_secret", "/cloud"];
const CLOUDS: { value: Cloud; label: string }[] = [
  { value: "global", label: "Global" },
  { value: "us_government", label: "US government" },
  { value: "us_government_dod", label: "US government, DoD" },
  { value: "china", label: "China" },
];

interface Form {
  from_address: string;
  tenant_id: string;
  client_id: string;
  client_secret: string;
  cloud: Cloud;
}

/** An app of the tenant that sends from one mailbox. */
export function GraphMail({ saved }: { saved: Saved }) {
  const [form, setForm] = useState<Form>({
    from_address: saved?.from_address ?? "",
    tenant_id: saved?.tenant_id ?? "",
    client_id: saved?.client_id ?? "",
    client_secret: "",
    cloud: saved?.cloud ?? "global",
  });
  const change = (changes: Partial<Form>) => setForm({ ...form, ...changes });
  const save = () => {
    const { client_secret, ...rest } = form;
    // A secret that is left out is kept, as long as nothing else would send it elsewhere.
    const written = { ...rest, transport: "microsoft_graph" as const, ...(client_secret ? { client_secret } : {}) };
    return body(director().PUT("/settings/email", { body: written }));
  };
  return (
    <SaveForm save={save} pointers={POINTERS}>
      {(error) => (
        <>
          <TextInput
            label="From"
            description="The mailbox that sends"
            required
            type="email"
            value={form.from_address}
            onChange={(event) => change({ from_address: event.currentTarget.value })}
            error={errorAt(error, "/from_address")}
          />
          <TextInput
            label="Directory (tenant) ID"
            required
            value={form.tenant_id}
            onChange={(event) => change({ tenant_id: event.currentTarget.value })}
            error={errorAt(error, "/tenant_id")}
          />
          <TextInput
            label="Application (client) ID"
            required
            value={form.client_id}
            onChange={(event) => change({ client_id: event.currentTarget.value })}
            error={errorAt(error, "/client_id")}
          />
          <PasswordInput
            label="Client secret"
            description="Its Value, of an app that has the application permission Mail.Send"
            placeholder={saved?.client_secret.set ? "Set; leave empty to keep it" : ""}
            value={form.client_secret}
            onChange={(event) => change({ client_secret: event.currentTarget.value })}
            error={errorAt(error, "/client_secret")}
            autoComplete="new-password"
          />
          <NativeSelect
            label="Cloud"
            data={CLOUDS}
            value={form.cloud}
            onChange={(event) => change({ cloud: event.currentTarget.value as Cloud })}
            error={errorAt(error, "/cloud")}
          />
        </>
      )}
    </SaveForm>
  );
}
