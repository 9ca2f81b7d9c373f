import { Alert, Group } from "@mantine/core";
import { useCallback, useEffect, useRef } from "react";
import type { Schemas } from "../../api/director";
import { Failure } from "../../parts/Failure";
import { word } from "../../parts/words";
import { useForm } from "../../parts/fields";
import { filledBy, usePresets } from "./presets";
import { WorkButton } from "../../parts/WorkButton";

/** The type that an advice leads to: of that type it says nothing more. */
const LEADS_TO: Partial<Record<string, string>> = { use_graph: "microsoft_graph", use_gmail: "gmail" };

/** Fills in what is known of the address's provider, says what the provider wants, and offers to look further. */
export function Known() {
  const { values, stored, fill } = useForm();
  const saved = Object.keys(stored).length > 0;
  const { mutate, data, error, isPending } = usePresets();
  const address = String(values["/email_address"] ?? "");
  const [actor] = values["/actor_ids"] as string[];
  const type = values["/server_type"];
  const asked = useRef("");
  const filling = useCallback(
    ({ items: [best] }: Schemas["ProviderPresets"]) => best && fill((typed) => filledBy(best, typed)),
    [fill],
  );
  useEffect(() => {
    if (!address.includes("@") || asked.current === address) return;
    asked.current = address;
    mutate({ address }, saved ? {} : { onSuccess: filling }); // what is empty in a saved profile is so on purpose
  }, [address, mutate, filling, saved]);
  const best = data?.items[0];
  const advised = best?.advice.filter(({ code }) => LEADS_TO[code] !== type) ?? [];
  const mail = type === "imap" || type === "pop3";
  return (
    <div role="status">
      {best && advised.length > 0 && (
        <Alert color="yellow" title={best.name ?? "What the provider wants"} mb="sm">
          {best.server_type !== null && best.server_type !== type && <p>Best read by {word(best.server_type)}.</p>}
          {advised.map((advice) => (
            <p key={advice.code}>{advice.message}</p>
          ))}
        </Alert>
      )}
      {mail && data && !best && (
        <Group gap="sm">
          <WorkButton
            size="compact-sm"
            variant="default"
            busy={isPending}
            disabled={actor === undefined}
            onClick={() => actor && mutate({ address, actor }, { onSuccess: filling })}
          >
            Look up the servers of this address
          </WorkButton>
          <span className="small">{said(data.look_up)}</span>
        </Group>
      )}
      <Failure error={error} title="Nothing could be looked up" />
    </div>
  );
}

function said(lookUp: { message: string | null; hint: string | null; actor: string } | null): string {
  if (lookUp === null) return "An Actor asks the address's domain. Or type them below.";
  return `${lookUp.actor} found nothing. ${lookUp.message ?? ""} ${lookUp.hint ?? ""}`;
}
