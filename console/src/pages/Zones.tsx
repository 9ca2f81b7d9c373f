import { Group, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { body, director } from "../api/director";
import { useZones, type Zone } from "../api/queries";
import { Confirmed } from "../parts/Confirmed";
import { useEdited } from "../parts/edited";
import { errorAt } from "../parts/fieldErrors";
import { FormDialog } from "../parts/FormDialog";
import { Listing, Loaded, Page, type Line } from "../parts/Page";
import { useMay } from "../parts/Shell";
import { when } from "../parts/words";

export function Zones() {
  const zones = useZones();
  const mayChange = useMay()("admin");
  const queries = useQueryClient();
  const changed = () => queries.invalidateQueries({ queryKey: ["zones"] });
  const line = (zone: Zone): Line => ({
    id: zone.id,
    cells: [
      <strong key="name">{zone.name}</strong>,
      zone.description,
      when(zone.created_at),
      ...(mayChange ? [<Controls key="controls" zone={zone} changed={changed} />] : []),
    ],
  });
  return (
    <Page title="Security Zones" actions={mayChange && <ZoneForm done={changed} />}>
      <Loaded read={zones}>
        {(all) => (
          <Listing
            label="Security zones"
            columns={["Name", "Description", "Made", ...(mayChange ? ["Action"] : [])]}
            lines={all.map(line)}
            empty="No zone yet. A zone groups Actors that stand in the same part of the network."
          />
        )}
      </Loaded>
    </Page>
  );
}

function Controls({ zone, changed }: { zone: Zone; changed: () => unknown }) {
  return (
    <Group gap={4}>
      <ZoneForm zone={zone} done={changed} />
      <Confirmed
        label="Delete"
        of={zone.name}
        text="A zone in use can't be deleted; the Director then says by what it is used."
        run={() => body(director().DELETE("/security-zones/{zone_id}", { params: { path: { zone_id: zone.id } } }))}
        done={changed}
      />
    </Group>
  );
}

function ZoneForm({ zone, done }: { zone?: Zone; done: () => unknown }) {
  const { typed, set, begin, changes } = useEdited({ name: zone?.name ?? "", description: zone?.description ?? "" });
  const save = () =>
    zone
      ? body(director().PATCH("/security-zones/{zone_id}", { params: { path: { zone_id: zone.id } }, body: changes() }))
      : body(director().POST("/security-zones", { body: typed }));
  return (
    <FormDialog
      label={zone ? "Edit" : "Add zone"}
      of={zone?.name}
      title={zone ? "Save zone" : "Add zone"}
      pointers={["/name", "/description"]}
      save={save}
      done={done}
      begin={zone && begin}
      empty={begin}
      small={zone !== undefined}
    >
      {(error) => (
        <>
          <TextInput
            label="Name"
            required
            value={typed.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={errorAt(error, "/name")}
            data-autofocus
          />
          <Textarea
            label="Description"
            value={typed.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
            error={errorAt(error, "/description")}
          />
        </>
      )}
    </FormDialog>
  );
}
