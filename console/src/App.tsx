import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Navigate, Route, Routes } from "react-router";
import { onRefused, token } from "./api/session";
import { Actors } from "./pages/Actors";
import { ApiTokens } from "./pages/ApiTokens";
import { AuditLog } from "./pages/AuditLog";
import { EmailSettings } from "./pages/EmailSettings";
import { ProfileEdit } from "./pages/ProfileEdit";
import { ProfileNew } from "./pages/ProfileNew";
import { Profiles } from "./pages/Profiles";
import { SignIn } from "./pages/SignIn";
import { Webhooks } from "./pages/Webhooks";
import { Zones } from "./pages/Zones";
import { Shell } from "./parts/Shell";

/** `refusal` is why the issuer sent the browser back without a token. */
export function App({ refusal }: { refusal: unknown }) {
  const [signedIn, setSignedIn] = useState(() => token() !== null);
  const queries = useQueryClient();
  useEffect(
    () =>
      onRefused(() => {
        queries.clear();
        setSignedIn(false);
      }),
    [queries],
  );
  if (!signedIn) return <SignIn refusal={refusal} onDone={() => setSignedIn(true)} />;
  return (
    <Shell
      onSignOut={() => {
        queries.clear();
        setSignedIn(false);
      }}
    >
      <Routes>
        <Route path="/" element={<Profiles />} />
        <Route path="/profiles/new" element={<ProfileNew />} />
        <Route path="/profiles/:id/edit" element={<ProfileEdit />} />
        <Route path="/actors" element={<Actors />} />
        <Route path="/zones" element={<Zones />} />
        <Route path="/settings/email" element={<EmailSettings />} />
        <Route path="/api-tokens" element={<ApiTokens />} />
        <Route path="/webhooks" element={<Webhooks />} />
        <Route path="/audit-log" element={<AuditLog />} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
    </Shell>
  );
}
