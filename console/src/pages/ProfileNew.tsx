import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { body, director } from "../api/director";
import { useKeyOf } from "../api/idempotencyKey";
import type { Profile } from "../api/queries";
import { PageTitle } from "../parts/Page";
import { differs } from "../parts/values";
import { bodyOf, EMPTY, type Create } from "./profile/form";
import { ProfileForm } from "./profile/ProfileForm";
import { showFirst, type JustSaved } from "./profile/view";

export function ProfileNew() {
  const [values, setValues] = useState(EMPTY);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const manual = values["/send_verification_manually"] === true;
  const keyOf = useKeyOf();
  const save = async () => {
    const written = bodyOf(values) as unknown as Create;
    const header = { "Idempotency-Key": keyOf(written) };
    const profile = await body(director().POST("/email-profiles", { body: written, params: { header } }));
    void queries.invalidateQueries({ queryKey: ["profiles"] });
    const next = manual ? { code: profile } : await verify(profile);
    showFirst();
    await navigate("/", { state: next });
  };
  return (
    <>
      <PageTitle mb="md">Add Email Profile</PageTitle>
      <ProfileForm
        values={values}
        onChange={setValues}
        changed={differs(values, EMPTY)}
        stored={{}}
        save={save}
        saveLabel={manual ? "Save and show the code" : "Save and verify"}
      />
    </>
  );
}

/** The profile is saved by now: where its verification can't start the table says so, with Verify beside the profile. */
async function verify(profile: Profile): Promise<JustSaved | null> {
  if (!profile.available_actions.includes("verify")) return null;
  try {
    await body(director().POST("/email-profiles/{profile_id}/verify", { params: { path: { profile_id: profile.id } } }));
    return null;
  } catch (error) {
    return { notVerified: profile.email_address, why: error instanceof Error ? error.message : String(error) };
  }
}
