import { Alert, Checkbox, NativeSelect, Stack, Text as Words } from "@mantine/core";
import { useActors, useZones } from "../../api/queries";
import { Folded } from "../../parts/Folded";
import { Choice, LongText, Text, Tick, useForm } from "../../parts/fields";
import { field } from "./labels";

/** The first step: which mailbox, and who may use it. */
export function ProfileStep() {
  return (
    <Stack>
      <div className="fields">
        <Choice {...field("/server_type")} of={["imap", "pop3", "microsoft_graph", "gmail"]} />
        <Tick
          {...field("/send_verification_manually")}
          hint="For a mailbox that the Director's mail can't reach: you send a message with a code, the Actors look for it."
        />
      </div>
      <Text {...field("/email_address")} type="email" required placeholder="verify@example.com" />
      <Alert color="blue" title="Use a dedicated mailbox that no person reads">
        <strong>
          Each Actor logs in to this mailbox again and again, and test mail will be sent to it. Never use a person's own
          mailbox.
        </strong>
      </Alert>
      <Actors />
      <More />
    </Stack>
  );
}

function More() {
  const { values } = useForm();
  return (
    <Folded summary="More" holds={/^\/(mailbox|reverify_every_hours|note|delete_verification_message)$/}>
      <div className="fields">
        {values["/server_type"] !== "pop3" && (
          <Text {...field("/mailbox")} hint="Where it is not the account's own: a shared mailbox." />
        )}
        <Text {...field("/reverify_every_hours")} hint="Empty: only when someone asks." />
        <LongText {...field("/note")} />
        {values["/send_verification_manually"] !== true && (
          <Tick {...field("/delete_verification_message")} />
        )}
      </div>
    </Folded>
  );
}

function Actors() {
  const { values, errors, set } = useForm();
  const zones = useZones();
  const actors = useActors();
  const zone = values["/security_zone_id"] ?? "";
  const chosen = values["/actor_ids"] as string[];
  const offered = (actors.data ?? []).filter((actor) => !actor.revoked && (zone === "" || actor.security_zone_id === zone));
  const choose = (next: string) => {
    const inside = (actors.data ?? []).filter((actor) => next === "" || actor.security_zone_id === next);
    set("/security_zone_id", next);
    set("/actor_ids", chosen.filter((id) => inside.some((actor) => actor.id === id)));
  };
  return (
    <>
      <NativeSelect
        label={field("/security_zone_id").label}
        name="/security_zone_id"
        error={errors["/security_zone_id"]}
        value={String(zone)}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[{ value: "", label: "All zones" }, ...(zones.data ?? []).map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <Checkbox.Group
        label={field("/actor_ids").label}
        withAsterisk
        error={errors["/actor_ids"] && (chosen.length > 0 ? errors["/actor_ids"] : "Choose at least one Actor.")}
        value={chosen}
        onChange={(ids) => set("/actor_ids", ids)}
      >
        <Stack gap={6} my={4}>
          {offered.map((actor) => (
            <Checkbox key={actor.id} value={actor.id} label={`${actor.name}${actor.online ? "" : " (offline)"}`} />
          ))}
          {actors.data && offered.length === 0 && <Words size="sm">No Actor is enrolled in this zone.</Words>}
        </Stack>
      </Checkbox.Group>
    </>
  );
}
