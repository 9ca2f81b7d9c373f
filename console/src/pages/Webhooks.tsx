import { Checkbox, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body, director, type Schemas } from "../api/director";
import { all, query } from "../api/queries";
import { Confirmed } from "../parts/Confirmed";
import { CopyBlock } from "../parts/CopyBlock";
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

function WebhookForm({ webhook, done }: { webhook?: Webhook; done: () => unknown }) {
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [types, setTypes] = useState<Schemas["EventType"][]>(webhook?.types ?? ["profile.status_changed"]);
  const [note, setNote] = useState(webhook?.note ?? "");
  const [inside, setInside] = useState(webhook?.allow_private_addresses ?? false);
  const [enabled, setEnabled] = useState(webhook?.enabled ?? true);
  const written = { url, types, note, allow_private_addresses: inside };
  const save = async (): Promise<string | null> => {
    if (!webhook) return (await body(director().POST("/webhooks", { body: written }))).secret;
    await body(
      director().PATCH("/webhooks/{webhook_id}", { params: { path: { webhook_id: webhook.id } }, body: { ...written, enabled } }),
    );
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
      empty={() => {
        if (webhook) return;
        setUrl("");
        setNote("");
      }}
      small={webhook !== undefined}
    >
      {(error) => (
        <>
          <TextInput
            label="URL"
            required
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            error={errorAt(error, "/url")}
            data-autofocus
          />
          <Checkbox.Group
            label="Events"
            value={types}
            onChange={(chosen) => setTypes(chosen as Schemas["EventType"][])}
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
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            error={errorAt(error, "/note")}
          />
          <Checkbox
            label="It stands in a private network"
            description="Loopback and link-local addresses stay refused"
            checked={inside}
            onChange={(event) => setInside(event.currentTarget.checked)}
          />
          {webhook && (
            <Checkbox label="Enabled" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
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
