import { Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { body, director, type Schemas } from "../../api/director";
import { errorAt } from "../../parts/fieldErrors";
import { SaveForm } from "./SaveForm";

type Saved = Schemas["GmailMailRead"] | null;

const POINTERS = ["/from_address", "/service_account_json"];

/** A service account that sends for one account of the organisation. */
export function GmailMail({ saved }: { saved: Saved }) {
  const [address, setAddress] = useState(saved?.from_address ?? "");
  const [keyFile, setKeyFile] = useState("");
  const save = () => {
    // A key file that is left out is kept, as long as the account stays.
    const secret = keyFile ? { service_account_json: keyFile } : {};
    const written = { transport: "gmail" as const, from_address: address, ...secret };
    return body(director().PUT("/settings/email", { body: written }));
  };
  return (
    <SaveForm save={save} pointers={POINTERS}>
      {(error) => (
        <>
          <TextInput
            label="From"
            description="The account that sends"
            required
            type="email"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            error={errorAt(error, "/from_address")}
          />
          <Textarea
            label="Service account key (JSON)"
            description="The whole key file; its delegation needs the scope gmail.send"
            placeholder={saved?.service_account_json.set ? "Set; leave empty to keep it" : ""}
            autosize
            minRows={2}
            maxRows={6}
            value={keyFile}
            onChange={(event) => setKeyFile(event.currentTarget.value)}
            error={errorAt(error, "/service_account_json")}
            autoComplete="off"
          />
        </>
      )}
    </SaveForm>
  );
}
