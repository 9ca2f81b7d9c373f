import { useMutation } from "@tanstack/react-query";
import { body, BY_HAND, director, type Schemas } from "../../api/director";
import type { Values } from "../../parts/values";

type Preset = Schemas["Preset"];

/** Asks what is known for an address; with an Actor, also what the address's domain says to that Actor. */
export const usePresets = () =>
  useMutation({
    mutationFn: ({ address, actor }: { address: string; actor?: string }) =>
      body(director(BY_HAND).GET("/provider-presets", { params: { query: { address, ...(actor && { actor_id: actor }) } } })),
  });

/** What a preset fills in for the chosen type: only what nobody has typed yet. */
export function filledBy(preset: Preset, values: Values): Values {
  const type = values["/server_type"];
  const incoming = preset.incoming.find((server) => server.protocol === type);
  const outgoing = preset.outgoing[0];
  const filled: Values = {};
  if (incoming && !values["/incoming/host"]) Object.assign(filled, server("/incoming", incoming));
  if (incoming && !values["/account/username"]) {
    filled["/account/username"] = incoming.username ?? values["/email_address"] ?? "";
  }
  if (incoming && outgoing && !values["/outgoing/host"]) Object.assign(filled, server("/outgoing", outgoing));
  return filled;
}

function server(at: string, { host, port, encryption }: Schemas["PresetServer"]): Values {
  return { [`${at}/host`]: host, [`${at}/port`]: String(port), [`${at}/encryption`]: encryption };
}
