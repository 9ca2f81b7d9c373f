import { Alert, List } from "@mantine/core";
import { useActors, useZones } from "../../api/queries";
import type { Values } from "../../parts/values";
import { word } from "../../parts/words";
import type { Conflict } from "./form";
import { labelOf } from "./labels";
import { stepsOf } from "./steps";

/** What someone else changed while this profile was edited, in the words of its form. */
export function LostRace({ changed, values }: { changed: Conflict[]; values: Values }) {
  const shown = useShown();
  if (changed.length === 0) return null;
  const steps = stepsOf(values);
  return (
    <Alert role="alert" color="yellow" title="Someone else changed this profile meanwhile. Nothing that you typed is lost">
      <List>
        {changed.map(({ pointer, theirs, kept }) => (
          <List.Item key={pointer}>
            {steps.find(({ holds }) => holds(pointer))?.name} › {labelOf(pointer)} is now “{shown(pointer, theirs)}”.{" "}
            {kept === null ? "It was taken over." : `Yours is still “${shown(pointer, kept)}”, and replaces it.`}
          </List.Item>
        ))}
      </List>
      Look at it, then save again.
    </Alert>
  );
}

const IS_CHOICE = /\/(server_type|encryption|authentication|provider|cloud|scope)$/;

/** Writes a value as its field shows it: with names in place of ids. */
function useShown(): (pointer: string, value: Values[string] | undefined) => string {
  const [actors, zones] = [useActors().data ?? [], useZones().data ?? []];
  const named = (id: string, of: { id: string; name: string }[]) => of.find((one) => one.id === id)?.name ?? id;
  return (pointer, value = "") => {
    if (typeof value === "boolean") return value ? "on" : "off";
    if (typeof value === "object") return value.map((id) => named(id, actors)).join(", ");
    if (pointer === "/security_zone_id") return value === "" ? "All zones" : named(value, zones);
    return IS_CHOICE.test(pointer) ? word(value) : value;
  };
}
