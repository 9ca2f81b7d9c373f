import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body, director, type Schemas } from "../../api/director";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { Listing, Loaded } from "../../parts/Page";
import { Status } from "../../parts/Status";
import { when } from "../../parts/words";
import { WorkButton } from "../../parts/WorkButton";

type Webhook = Schemas["WebhookRead"];
type Delivery = Schemas["DeliveryRead"];

const LOOKS = { queued: "running", delivered: "ok", failed: "failed" };

/** Sends a test message, and shows what became of it. */
export function TestWebhook({ webhook }: { webhook: Webhook }) {
  const testing = useMutation({
    mutationFn: () => body(director().POST("/webhooks/{webhook_id}/test", { params: { path: { webhook_id: webhook.id } } })),
  });
  const ended = testing.isSuccess || testing.isError;
  return (
    <>
      <WorkButton size="compact-sm" variant="default" busy={testing.isPending} aria-label={`Test ${webhook.url}`} onClick={() => testing.mutate()}>
        Test
      </WorkButton>
      {ended && (
        <Dialog title={`Test of ${webhook.url}`} size="xl" onClose={testing.reset}>
          <Failure error={testing.error} />
          {testing.isSuccess && <Log id={webhook.id} />}
        </Dialog>
      )}
    </>
  );
}

export function Deliveries({ webhook }: { webhook: Webhook }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="compact-sm" variant="default" aria-label={`Deliveries to ${webhook.url}`} onClick={() => setOpen(true)}>
        Deliveries
      </Button>
      {open && (
        <Dialog title={`Deliveries to ${webhook.url}`} size="xl" onClose={() => setOpen(false)}>
          <Log id={webhook.id} />
        </Dialog>
      )}
    </>
  );
}

function Log({ id }: { id: string }) {
  const deliveries = useQuery({
    queryKey: ["deliveries", id],
    queryFn: () =>
      body(
        director().GET("/webhooks/{webhook_id}/deliveries", {
          params: { path: { webhook_id: id }, query: { limit: 50, sort: "-created_at" } },
        }),
      ),
    // No event tells of a delivery: what is under way is asked for.
    refetchInterval: (asked) => (asked.state.data?.items.some(({ state }) => state === "queued") ? 1_000 : false),
  });
  return (
    <Loaded read={deliveries}>
      {({ items }) => (
        <Listing
          label="Deliveries"
          columns={["When", "Event", "State", "Answer", "Action"]}
          lines={items.map((delivery) => ({ id: delivery.id, cells: cells(id, delivery) }))}
          empty="Nothing was sent yet."
        />
      )}
    </Loaded>
  );
}

function cells(webhookId: string, delivery: Delivery) {
  const took = delivery.milliseconds === null ? "" : ` in ${delivery.milliseconds} ms`;
  const attempts = delivery.attempts > 1 ? `, ${delivery.attempts} attempts` : "";
  return [
    when(delivery.created_at),
    delivery.type,
    <Status key="state" of={LOOKS[delivery.state]} label={delivery.state + attempts} />,
    `${delivery.error_code ?? delivery.response_status ?? "–"}${took}`,
    <SendAgain key="again" webhookId={webhookId} delivery={delivery} />,
  ];
}

function SendAgain({ webhookId, delivery }: { webhookId: string; delivery: Delivery }) {
  const queries = useQueryClient();
  const path = { webhook_id: webhookId, delivery_id: delivery.id };
  const again = useMutation({
    mutationFn: () => body(director().POST("/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", { params: { path } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["deliveries", webhookId] }),
  });
  return (
    <>
      <WorkButton size="compact-sm" variant="default" busy={again.isPending} onClick={() => again.mutate()}>
        Send again
      </WorkButton>
      <Failure error={again.error} />
    </>
  );
}
