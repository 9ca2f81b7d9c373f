import { NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { body, director, directorUrl } from "../../api/director";
import { useZones } from "../../api/queries";
import { CopyBlock } from "../../parts/CopyBlock";
import { errorAt } from "../../parts/fieldErrors";
import { FormDialog } from "../../parts/FormDialog";
import { when } from "../../parts/words";

/** "Add Actor": a one-time token, as the command to paste on the VM. */
export function AddActor() {
  const zones = useZones();
  const [name, setName] = useState("");
  const [zone, setZone] = useState("");
  const save = () =>
    body(
      director().POST("/enrollment-tokens", {
        body: { name: name || null, security_zone_id: zone || null, expires_in_seconds: 3600 },
      }),
    );
  return (
    <FormDialog
      label="Add Actor"
      title="Make the Actor's command"
      pointers={["/name", "/security_zone_id"]}
      save={save}
      done={() => undefined}
      empty={() => setName("")}
      saved={({ token, expires_at }) => <Command token={token} expires={expires_at} name={name} />}
    >
      {(error) => (
        <>
          <TextInput
            label="Name"
            description="As it shall stand in the tables: letters, digits, dots, hyphens"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errorAt(error, "/name")}
            data-autofocus
          />
          <NativeSelect
            label="Security zone"
            description="It comes from the token alone: an Actor can't choose its zone"
            data={[{ value: "", label: "None" }, ...(zones.data ?? []).map((one) => ({ value: one.id, label: one.name }))]}
            value={zone}
            onChange={(event) => setZone(event.currentTarget.value)}
            error={errorAt(error, "/security_zone_id")}
          />
        </>
      )}
    </FormDialog>
  );
}

function Command({ token, expires, name }: { token: string; expires: string; name: string }) {
  const url = directorUrl("");
  return (
    <Stack>
      <Text>Paste this on the VM. The token works once, until {when(expires)}, and is not shown again.</Text>
      <CopyBlock what="the command" text={`actor enroll --director ${url} --name ${name} --token ${token} && actor run`} />
      <Text className="small">
        The Actor only dials out: the VM must reach {url}. It appears in the table as soon as it polls.
      </Text>
    </Stack>
  );
}
