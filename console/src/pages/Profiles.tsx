import { Button, Group, Loader, NativeSelect, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { useProfiles, useZones, type Profile, type ProfileFilter } from "../api/queries";
import { DeleteDialog } from "../parts/DeleteDialog";
import { Diagnosis } from "../parts/Diagnosis";
import { Failure } from "../parts/Failure";
import { NothingYet } from "../parts/NothingYet";
import { ProfileTable, type Ask } from "../parts/ProfileTable";
import { useMay } from "../parts/Shell";
import { UuidDialog } from "../parts/UuidDialog";
import { word } from "../parts/words";

const ALL: ProfileFilter = { q: "", status: "", serverType: "", zone: "", sort: "-created_at", cursor: null };

export function Profiles() {
  const [filter, setFilter] = useState(ALL);
  const [before, setBefore] = useState<(string | null)[]>([]);
  const [asked, setAsked] = useState<Ask | null>(useJustSaved());
  const [query] = useDebouncedValue(filter, 200);
  const profiles = useProfiles(query);
  const may = useMay();
  const change = (part: Partial<ProfileFilter>) => {
    setBefore([]);
    setFilter({ ...filter, cursor: null, ...part });
  };
  const next = profiles.data?.next_cursor ?? null;
  return (
    <>
      <Group justify="space-between">
        <Title order={2}>Settings › Email Actions</Title>
        {may("operator") && (
          <Button component={Link} to="/profiles/new">
            Add Email Profile
          </Button>
        )}
      </Group>
      <Filters filter={filter} change={change} />
      {profiles.isError && <Failure error={profiles.error} title="The profiles can't be read" />}
      {profiles.isPending && <Loader aria-label="Reading the profiles" />}
      {profiles.data?.items.length === 0 && (isFiltered(query) ? <Text>No profile matches.</Text> : <NothingYet />)}
      {profiles.data && profiles.data.items.length > 0 && (
        <ProfileTable profiles={profiles.data.items} sort={filter.sort} onSort={(sort) => change({ sort })} onAsk={setAsked} />
      )}
      <Pages
        before={before.length}
        more={next !== null && !profiles.isPlaceholderData}
        back={() => {
          setFilter({ ...filter, cursor: before.at(-1) ?? null });
          setBefore(before.slice(0, -1));
        }}
        on={() => {
          setBefore([...before, filter.cursor]);
          setFilter({ ...filter, cursor: next });
        }}
      />
      <Dialogs asked={asked} profiles={profiles.data?.items ?? []} close={() => setAsked(null)} />
    </>
  );
}

/** The code of a profile that was just saved in manual mode is what comes next. */
function useJustSaved(): Ask | null {
  const state = useLocation().state as { code: Profile } | null;
  return state && { what: "view_code", profile: state.code };
}

function isFiltered(filter: ProfileFilter): boolean {
  return [filter.q, filter.status, filter.serverType, filter.zone, filter.cursor].some(Boolean);
}

function Pages({ before, more, back, on }: { before: number; more: boolean; back: () => void; on: () => void }) {
  if (before === 0 && !more) return null;
  return (
    <Group component="nav" aria-label="Pages of the table" mt="md">
      <Button variant="default" disabled={before === 0} onClick={back}>
        Previous
      </Button>
      <Text size="sm">Page {before + 1}</Text>
      <Button variant="default" disabled={!more} onClick={on}>
        Next
      </Button>
    </Group>
  );
}

function Dialogs({ asked, profiles, close }: { asked: Ask | null; profiles: Profile[]; close: () => void }) {
  if (asked === null) return null;
  const profile = profiles.find((one) => one.id === asked.profile.id) ?? asked.profile;
  if (asked.what === "delete") return <DeleteDialog profile={profile} onClose={close} />;
  if (asked.what === "view_code") return <UuidDialog profile={profile} onClose={close} />;
  return <Diagnosis profile={profile} onClose={close} />;
}

const anyOf = (values: string[]) => ["", ...values].map((value) => ({ value, label: value ? word(value) : "Any" }));

function Filters({ filter, change }: { filter: ProfileFilter; change: (part: Partial<ProfileFilter>) => void }) {
  const zones = useZones();
  return (
    <search className="filters">
      <TextInput
        label="Search"
        placeholder="Address, server, account, note"
        type="search"
        value={filter.q}
        onChange={(event) => change({ q: event.currentTarget.value })}
      />
      <NativeSelect
        label="Account Status"
        value={filter.status}
        onChange={(event) => change({ status: event.currentTarget.value as ProfileFilter["status"] })}
        data={anyOf(["verified", "partially_verified", "unverified"])}
      />
      <NativeSelect
        label="Type"
        value={filter.serverType}
        onChange={(event) => change({ serverType: event.currentTarget.value as ProfileFilter["serverType"] })}
        data={anyOf(["imap", "pop3", "microsoft_graph", "gmail"])}
      />
      <NativeSelect
        label="Security Zone"
        value={filter.zone}
        onChange={(event) => change({ zone: event.currentTarget.value })}
        data={[{ value: "", label: "Any" }, ...(zones.data ?? []).map((zone) => ({ value: zone.id, label: zone.name }))]}
      />
      <NativeSelect
        className="instead-of-columns"
        label="Sort"
        value={filter.sort}
        onChange={(event) => change({ sort: event.currentTarget.value as ProfileFilter["sort"] })}
        data={[
          { value: "-created_at", label: "Newest first" },
          { value: "email_address", label: "Email Address" },
          { value: "server_type", label: "Type" },
          { value: "account_status", label: "Account Status" },
        ]}
      />
    </search>
  );
}
