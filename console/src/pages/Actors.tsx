import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useActors, useZones, type Actor } from "../api/queries";
import { Listing, Loaded, Page, type Line } from "../parts/Page";
import { useMay } from "../parts/Shell";
import { Status } from "../parts/Status";
import { when, word } from "../parts/words";
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
  useLookAgain(actors.data?.some(({ online, asked }) => online && asked.length > 0) ?? false);
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
      {actor.asked.length > 0 && (
        <div className="small">Asked, and not done yet: {actor.asked.map((what) => word(what).toLowerCase()).join(", ")}</div>
      )}
      <SelfDiagnosis actor={actor} />
    </>
  );
}

/** What it found out about itself when it was last asked to; what is not well is open. */
function SelfDiagnosis({ actor }: { actor: Actor }) {
  if (actor.self_diagnosed_at === null) return null;
  const bad = actor.self_diagnosis.filter(({ ok }) => !ok).length;
  return (
    <details className="small" open={bad > 0}>
      <summary>
        Diagnosed itself {when(actor.self_diagnosed_at)}: {bad === 0 ? "all is well" : `${bad} to look at`}
      </summary>
      {actor.self_diagnosis.map(({ name, ok, detail }) => (
        <Text key={name} inherit {...(!ok && { c: "red" })}>
          {word(name)}: {detail}
        </Text>
      ))}
    </details>
  );
}

const AGAIN_MS = 2_000;

/** No event tells that an Actor did what it was asked: as long as one is `awaited`, the table is read again. */
function useLookAgain(awaited: boolean) {
  const queries = useQueryClient();
  useEffect(() => {
    if (!awaited) return;
    const look = () => void queries.invalidateQueries({ queryKey: ["actors"] }, { cancelRefetch: false });
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, [awaited, queries]);
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
    </>
  );
}
