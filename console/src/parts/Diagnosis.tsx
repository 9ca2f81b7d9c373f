import { Group, Loader, NativeSelect, Text } from "@mantine/core";
import { useState } from "react";
import { useVerifications, type Profile, type Verification } from "../api/queries";
import { CancelButton, useCancel } from "./CancelButton";
import { CheckPanel } from "./CheckPanel";
import { Copy } from "./Copy";
import { Dialog } from "./Dialog";
import { Failure } from "./Failure";
import { useMay } from "./Shell";
import { Status } from "./Status";
import { asText } from "./ticket";
import { when, word } from "./words";

/** What each Actor went through, side by side; the latest verification first, the earlier ones to choose. */
export function Diagnosis({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const runs = useVerifications(profile.id);
  const [chosen, setChosen] = useState<string | null>(null);
  const cancel = useCancel();
  const mayCancel = useMay()("operator");
  const run = runs.data?.items.find((one) => one.id === chosen) ?? runs.data?.items[0];
  return (
    <Dialog title={`Diagnosis of ${profile.email_address}`} size="75rem" onClose={onClose}>
      {runs.isPending && <Loader aria-label="Reading the verifications" />}
      <Failure error={runs.error ?? cancel.error} />
      {runs.data && run === undefined && <Text>It was never verified. Start a verification in the table.</Text>}
      {runs.data && run && (
        <>
          <Group align="end" mb="md">
            <NativeSelect
              label="Verification"
              value={run.id}
              onChange={(event) => setChosen(event.currentTarget.value)}
              data={runs.data.items.map((one) => ({ value: one.id, label: labelOf(one) }))}
            />
            <Status of={run.outcome ?? run.state} />
            {mayCancel && run.state === "running" && (
              <CancelButton busy={cancel.isPending} onClick={() => cancel.mutate(run.id)} />
            )}
            <Copy text={asText(profile, run)}>Copy as text</Copy>
          </Group>
          <Text mb="md">{run.summary}</Text>
          <div className="side-by-side">
            {run.checks.map((check) => (
              <CheckPanel key={check.id} check={check} />
            ))}
          </div>
        </>
      )}
    </Dialog>
  );
}

function labelOf(run: Verification): string {
  return `${when(run.started_at)} · ${word(run.outcome ?? run.state)} · ${run.trigger}`;
}
