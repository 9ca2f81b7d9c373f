import { Checkbox, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { body, director, type Schemas } from "../api/director";
import { all, query } from "../api/queries";
import { Confirmed } from "../parts/Confirmed";
import { CopyBlock } from "../parts/CopyBlock";
import { useEdited } from "../parts/edited";
import { errorAt } from "../parts/fieldErrors";
import { FormDialog } from "../parts/FormDialog";
import { Listing, Loaded, Page, type Line } from "../parts/Page";
import { Status } from "../parts/Status";
import { when } from "../parts/words";
import { Deliveries, TestWebhook } from "./webhooks/Deliveries";
import { EVENT_TYPES } from "./webhooks/eventTypes";

type Webhook = Schemas["WebhookRead"];

export function Webhooks() {
  const queries = useQueryClient();
  const webhooks = useQuery({
    queryKey: ["webhooks"],
    queryFn: () => all((cursor) => body(director().GET("/webhooks", { params: { query: query(cursor) } }))),
  });
  const changed = () => queries.invalidateQueries({ queryKey: ["webhooks"] });
  return (
    <Page title="Webhooks" actions={<WebhookForm done={changed} />}>
      <Loaded read={webhooks}>
        {(read) => (
          <Listing
            label="Webhooks"
            columns={["URL", "Events", "State", "Action"]}
            lines={read.map((webhook) => line(webhook, changed))}
            empty="No webhook yet. One tells another system, signed, when a profile's status changes."
          />
        )}
      </Loaded>
    </Page>
  );
}

function line(webhook: Webhook, changed: () => unknown): Line {
  return {
    id: webhook.id,
    cells: [
      <span key="url">
        {webhook.url}
        <span className="small"> {webhook.note}</span>
      </span>,
      webhook.types.join(", "),
      <State key="state" webhook={webhook} />,
      <Controls key="controls" webhook={webhook} changed={changed} />,
    ],
  };
}

function State({ webhook }: { webhook: Webhook }) {
  return (
    <>
      <Status
        of={webhook.enabled ? "ok" : "failed"}
        label={webhook.enabled ? "On" : `Off: ${webhook.disabled_reason ?? "by request"}`}
      />
      {webhook.failing_since && <div className="small">failing since {when(webhook.failing_since)}</div>}
    </>
  );
}

function Controls({ webhook, changed }: { webhook: Webhook; changed: () => unknown }) {
  return (
    <Group gap={4}>
      <TestWebhook webhook={webhook} />
      <Deliveries webhook={webhook} />
      <WebhookForm webhook={webhook} done={changed} />
      <Confirmed
        label="Delete"
        of={webhook.url}
        text="It is told nothing more."
        run={() => body(director().DELETE("/webhooks/{webhook_id}", { params: { path: { webhook_id: webhook.id } } }))}
        done={changed}
      />
    </Group>
  );
}

type Fields = Pick<Webhook, "url" | "types" | "note" | "allow_private_addresses"> & { enabled?: boolean };

const NEW: Fields = { url: "", types: ["profile.status_changed"], note: "", allow_private_addresses: false };

const fieldsOf = ({ url, types, note, allow_private_addresses, enabled }: Webhook): Fields => ({
  url,
  types,
  note,
  allow_private_addresses,
  enabled,
});

function WebhookForm({ webhook, done }: { webhook?: Webhook; done: () => unknown }) {
  const { typed, set, begin, changes } = useEdited(webhook ? fieldsOf(webhook) : NEW);
  const save = async (): Promise<string | null> => {
    if (!webhook) return (await body(director().POST("/webhooks", { body: typed }))).secret;
    const path = { webhook_id: webhook.id };
    await body(director().PATCH("/webhooks/{webhook_id}", { params: { path }, body: changes() }));
    return null;
  };
  return (
    <FormDialog
      label={webhook ? "Edit" : "Add webhook"}
      of={webhook?.url}
      title={webhook ? "Save webhook" : "Add webhook"}
      pointers={["/url", "/types", "/note"]}
      save={save}
      done={done}
      saved={(secret) => secret && <Saved secret={secret} />}
      begin={webhook && begin}
      empty={begin}
      small={webhook !== undefined}
    >
      {(error) => (
        <>
          <TextInput
            label="URL"
            required
            value={typed.url}
            onChange={(event) => set({ url: event.currentTarget.value })}
            error={errorAt(error, "/url")}
            data-autofocus
          />
          <Checkbox.Group
            label="Events"
            value={typed.types}
            onChange={(types) => set({ types: types as Schemas["EventType"][] })}
            error={errorAt(error, "/types")}
          >
            <div className="fields">
              {EVENT_TYPES.map((type) => (
                <Checkbox key={type} value={type} label={type} />
              ))}
            </div>
          </Checkbox.Group>
          <Textarea
            label="Note"
            value={typed.note}
            onChange={(event) => set({ note: event.currentTarget.value })}
            error={errorAt(error, "/note")}
          />
          <Checkbox
            label="It stands in a private network"
            description="Loopback and link-local addresses stay refused"
            checked={typed.allow_private_addresses}
            onChange={(event) => set({ allow_private_addresses: event.currentTarget.checked })}
          />
          {webhook && (
            <Checkbox label="Enabled" checked={typed.enabled ?? false} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
          )}
        </>
      )}
    </FormDialog>
  );
}

function Saved({ secret }: { secret: string }) {
  return (
    <Stack>
      <Text>By this secret the receiver checks the signature (Standard Webhooks). Take it along now: it is not shown again.</Text>
      <CopyBlock text={secret} what="the secret" />
    </Stack>
  );
}
