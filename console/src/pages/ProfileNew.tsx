import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { body, director } from "../api/director";
import { PageTitle } from "../parts/Page";
import { differs } from "../parts/values";
import { bodyOf, EMPTY, type Create } from "./profile/form";
import { ProfileForm } from "./profile/ProfileForm";
import { showFirst } from "./profile/view";

export function ProfileNew() {
  const [values, setValues] = useState(EMPTY);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const manual = values["/send_verification_manually"] === true;
  const save = async () => {
    const profile = await body(director().POST("/email-profiles", { body: bodyOf(values) as unknown as Create }));
    void queries.invalidateQueries({ queryKey: ["profiles"] });
    if (!manual && profile.available_actions.includes("verify")) {
      // Where it can't start, the table shows the profile as Unverified, with Verify beside it.
      await director().POST("/email-profiles/{profile_id}/verify", { params: { path: { profile_id: profile.id } } });
    }
    showFirst();
    await navigate("/", { state: manual ? { code: profile } : null });
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
