import { NumberInput, TagsInput } from "@mantine/core";
import { useState } from "react";

import { body, director, type Schemas } from "../../api/director";
import { errorAt } from "../../parts/fieldErrors";
import { differs } from "../../parts/values";
import { SaveForm } from "./SaveForm";

type Settings = Schemas["EmailActionSettings"];

const DAY = 86_400;
const SECONDS: { name: "search_seconds" | "send_seconds" | "offline_seconds"; label: string; description: string }[] = [
  { name: "search_seconds", label: "Look for a code", description: "Seconds from the moment its mail has left" },
  { name: "send_seconds", label: "Try to send", description: "Seconds until a mail that no server takes is given up" },
  { name: "offline_seconds", label: "Wait for an Actor", description: "Seconds that a check waits for an Actor that is offline" },
];

export function ActionSettings({ saved }: { saved: Settings }) {
  const [form, setForm] = useState(saved);
  const save = async () => setForm(await body(director().PUT("/settings/email-actions", { body: form })));
  return (
    <SaveForm save={save} changed={differs(form, saved)} pointers={[...SECONDS.map(({ name }) => `/${name}`), "/folders"]}>
      {(error) => (
        <>
          {SECONDS.map(({ name, label, description }) => (
            <NumberInput
              key={name}
              label={label}
              description={description}
              required
              min={1}
              max={DAY}
              allowDecimal={false}
              suffix=" s"
              value={form[name]}
              onChange={(value) => typeof value === "number" && setForm({ ...form, [name]: value })}
              error={errorAt(error, `/${name}`)}
            />
          ))}
          <TagsInput
            label="Further folders"
            description="Looked in after the inbox and the junk folder"
            value={form.folders}
            onChange={(folders) => setForm({ ...form, folders })}
            error={errorAt(error, "/folders")}
            clearButtonProps={{ "aria-label": "No further folder" }}
          />
        </>
      )}
    </SaveForm>
  );
}
