import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useActors, useZones, type Actor } from "../api/queries";
import { Listing, Loaded, Page, type Line } from "../parts/Page";
import { useMay } from "../parts/Shell";
import { Status } from "../parts/Status";
import { when } from "../parts/words";
import { ActorControls } from "./actors/ActorControls";
import { AddActor } from "./actors/AddActor";

const TELLS: Record<Actor["state"], string> = {
  connected: "It polls",
  draining: "It is about to end and takes nothing new",
  disconnected: "It said goodbye",
  lost: "It fell silent: look at its machine, or at its way to the Director",
};

export function Actors() {
  const actors = useActors();
  const zones = useZones();
  const queries = useQueryClient();
  const mayChange = useMay()("admin");
  const names = new Map(zones.data?.map(({ id, name }) => [id, name]));
  const changed = () => queries.invalidateQueries({ queryKey: ["actors"] });
  const line = (actor: Actor): Line => ({
    id: actor.id,
    cells: [
      <strong key="name">{actor.name}</strong>,
      <State key="state" actor={actor} />,
      names.get(actor.security_zone_id ?? "") ?? "–",
      <Interfaces key="interfaces" actor={actor} />,
      actor.version,
      when(actor.last_seen_at),
      ...(mayChange ? [<ActorControls key="controls" actor={actor} changed={changed} />] : []),
    ],
  });
  const columns = ["Actor", "State", "Security Zone", "Addresses", "Version", "Last Seen", ...(mayChange ? ["Action"] : [])];
  return (
    <Page title="Actors" actions={mayChange && <AddActor />}>
      <Loaded read={actors}>
        {(all) => (
          <Listing
            label="Actors"
            columns={columns}
            lines={all.map(line)}
            empty="No Actor yet. Add one, and paste its command on the VM from which the mailbox shall be read."
          />
        )}
      </Loaded>
    </Page>
  );
}

function State({ actor }: { actor: Actor }) {
  return (
    <>
      <Status
        of={actor.online ? "online" : actor.state}
        label={actor.online && actor.state === "connected" ? "Online" : undefined}
      />{" "}
      {actor.paused && <Status of="warning" label="Paused" />} {actor.revoked && <Status of="failed" label="Revoked" />}
      <div className="small">{TELLS[actor.state]}</div>
    </>
  );
}

function Interfaces({ actor }: { actor: Actor }) {
  if (actor.interfaces.length === 0) return <>{actor.addresses.join(", ") || "–"}</>;
  return (
    <>
      {actor.interfaces.map((one) => (
        <Text key={one.name} size="sm">
          {one.name}: {one.addresses.join(", ") || "no address"}
          <Text span size="sm" c="dimmed">
            {one.dhcp === null ? "" : one.dhcp ? " DHCP" : " static"}
            {one.default_route ? ", default route" : ""}
          </Text>
        </Text>
      ))}
      {actor.self_diagnosis
        .filter(({ ok }) => !ok)
        .map((finding) => (
          <Text key={finding.name} size="sm" c="red">
            {finding.name}: {finding.detail}
          </Text>
        ))}
    </>
  );
}
