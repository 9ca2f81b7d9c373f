import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { body, BY_HAND, director, Problem, type Schemas } from "../api/director";
import { readProfile, type Profile } from "../api/queries";
import { Loaded, PageTitle } from "../parts/Page";
import { testSaved } from "./profile/connection";
import { bodyOf, patchOf, rebase, SECRETS, valuesOf, type Conflict, type Write } from "./profile/form";
import { LostRace } from "./profile/LostRace";
import { ProfileForm } from "./profile/ProfileForm";

interface Saved {
  value: Profile;
  etag: string | null;
}

export function ProfileEdit() {
  const { id = "" } = useParams();
  // Read once: what others change meanwhile shows when this is saved, not under the hands of who types.
  const read = useQuery({ queryKey: ["editing", id], queryFn: () => readProfile(id), staleTime: Infinity, gcTime: 0 });
  return <Loaded read={read}>{(saved) => <Editing key={id} saved={saved} />}</Loaded>;
}

function Editing({ saved }: { saved: Saved }) {
  const [base, setBase] = useState(saved);
  const [values, setValues] = useState(() => valuesOf(saved.value));
  const [changed, setChanged] = useState<Conflict[]>([]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const profile = base.value;
  const before = bodyOf(valuesOf(profile));
  const patch = patchOf(before, bodyOf(values));
  const typed = Object.keys(patch).length > 0;
  const save = async () => {
    try {
      await write(base, patch, bodyOf(values));
    } catch (error) {
      if (!(error instanceof Problem && error.status === 412)) throw error;
      const theirs = await readProfile(profile.id, BY_HAND);
      const rebased = rebase(valuesOf(profile), valuesOf(theirs.value), values);
      setBase(theirs);
      setValues(rebased.values);
      setChanged(rebased.changed);
      return;
    }
    await queries.invalidateQueries({ queryKey: ["profiles"] });
    await navigate("/");
  };
  return (
    <>
      <PageTitle mb="md">{`Edit ${profile.email_address}`}</PageTitle>
      <ProfileForm
        values={values}
        onChange={setValues}
        changed={typed}
        stored={storedOf(profile)}
        save={save}
        saveLabel="Save"
        testSaved={typed ? undefined : (signal) => testSaved(profile.id, signal)}
        above={<LostRace changed={changed} values={values} />}
      />
    </>
  );
}

async function write({ value, etag }: Saved, patch: object, whole: object): Promise<void> {
  const params = { path: { profile_id: value.id }, header: { ...(etag !== null && { "if-match": etag }) } };
  if ("server_type" in patch) {
    await body(director().PUT("/email-profiles/{profile_id}", { params, body: whole as unknown as Write }));
    return;
  }
  const headers = { "Content-Type": "application/merge-patch+json" };
  await body(director().PATCH("/email-profiles/{profile_id}", { params, headers, body: patch as never }));
}

function storedOf(profile: Profile): Record<string, Schemas["SecretState"]> {
  const found: Record<string, Schemas["SecretState"]> = {};
  for (const pointer of SECRETS) {
    const [group = "", name = ""] = pointer.slice(1).split("/");
    const inside = (profile as unknown as Record<string, Record<string, Schemas["SecretState"] | null> | null>)[group];
    const state = inside?.[name];
    if (state?.set) found[pointer] = state;
  }
  return found;
}
