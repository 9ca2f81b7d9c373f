import { Alert, Button, Group, Loader, NativeSelect, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { useProfiles, useZones, type Profile, type ProfileFilter } from "../api/queries";
import { DeleteDialog } from "../parts/DeleteDialog";
import { Diagnosis } from "../parts/Diagnosis";
import { Failure } from "../parts/Failure";
import { NothingYet } from "../parts/NothingYet";
import { PageTitle } from "../parts/Page";
import { ProfileTable, type Ask } from "../parts/ProfileTable";
import { useMay } from "../parts/Shell";
import { UuidDialog } from "../parts/UuidDialog";
import { word } from "../parts/words";
import { WorkButton } from "../parts/WorkButton";
import { useView, type JustSaved } from "./profile/view";

export function Profiles() {
  const [{ filter, before }, show] = useView();
  const [asked, setAsked] = useState<Ask | null>(useJustSaved());
  const [q] = useDebouncedValue(filter.q, 200);
  const query = { ...filter, q };
  const profiles = useProfiles(query);
  const may = useMay();
  const change = (part: Partial<ProfileFilter>) => show({ filter: { ...filter, cursor: null, ...part }, before: [] });
  const next = profiles.data?.next_cursor ?? null;
  return (
    <>
      <Group justify="space-between">
        <PageTitle>Settings › Email Actions</PageTitle>
        {may("operator") && (
          <Button component={Link} to="/profiles/new">
            Add Email Profile
          </Button>
        )}
      </Group>
      <NotVerified />
      <Filters filter={filter} change={change} />
      {profiles.isError && <Failure error={profiles.error} title="The profiles can't be read" />}
      {profiles.isPending && <Loader aria-label="Reading the profiles" />}
      {profiles.data?.items.length === 0 && (isFiltered(query) ? <Text>No profile matches.</Text> : <NothingYet />)}
      {profiles.data && profiles.data.items.length > 0 && (
        <ProfileTable profiles={profiles.data.items} sort={filter.sort} onSort={(sort) => change({ sort })} onAsk={setAsked} />
      )}
      <Pages
        before={before.length}
        more={next !== null}
        busy={profiles.isPlaceholderData}
        back={() => show({ filter: { ...filter, cursor: before.at(-1) ?? null }, before: before.slice(0, -1) })}
        on={() => show({ filter: { ...filter, cursor: next }, before: [...before, filter.cursor] })}
      />
      <Dialogs asked={asked} profiles={profiles.data?.items ?? []} close={() => setAsked(null)} />
    </>
  );
}

/** The code of a profile that was just saved in manual mode is what comes next; once, and not on Back or a reload. */
function useJustSaved(): Ask | null {
  const state = useLocation().state as JustSaved | null;
  const navigate = useNavigate();
  const saved = state && "code" in state ? state.code : null;
  useEffect(() => {
    if (saved) void navigate("/", { replace: true, state: null });
  }, [saved, navigate]);
  return saved && { what: "view_code", profile: saved };
}

/** Stays until it is closed or another page is opened. */
function NotVerified() {
  const state = useLocation().state as JustSaved | null;
  const navigate = useNavigate();
  if (!state || !("notVerified" in state)) return null;
  return (
    <Alert
      role="alert"
      color="yellow"
      mt="md"
      title={`${state.notVerified} is saved, but its verification could not be started`}
      withCloseButton
      closeButtonLabel="Close"
      onClose={() => void navigate("/", { replace: true })}
    >
      {state.why}
    </Alert>
  );
}

function isFiltered(filter: ProfileFilter): boolean {
  return [filter.q, filter.status, filter.serverType, filter.zone, filter.cursor].some(Boolean);
}

interface PagesProps {
  before: number;
  more: boolean;
  busy: boolean;
  back: () => void;
  on: () => void;
}

function Pages({ before, more, busy, back, on }: PagesProps) {
  if (before === 0 && !more) return null;
  return (
    <Group component="nav" aria-label="Pages of the table" mt="md">
      <WorkButton variant="default" disabled={before === 0} busy={busy} onClick={back}>
        Previous
      </WorkButton>
      <Text size="sm" role="status">
        Page {before + 1}
      </Text>
      <WorkButton variant="default" disabled={!more} busy={busy} onClick={on}>
        Next
      </WorkButton>
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
