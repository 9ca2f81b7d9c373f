import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Navigate, Route, Routes } from "react-router";
import { forget, onRefused, token } from "./api/session";
import { Actors } from "./pages/Actors";
import { ApiTokens } from "./pages/ApiTokens";
import { AuditLog } from "./pages/AuditLog";
import { EmailSettings } from "./pages/EmailSettings";
import { showFirst } from "./pages/profile/view";
import { ProfileEdit } from "./pages/ProfileEdit";
import { ProfileNew } from "./pages/ProfileNew";
import { Profiles } from "./pages/Profiles";
import { SignIn } from "./pages/SignIn";
import { Webhooks } from "./pages/Webhooks";
import { Zones } from "./pages/Zones";
import { SessionEnded } from "./parts/Dialog";
import { Shell } from "./parts/Shell";
import { SignInAgain } from "./parts/SignInAgain";

/** `ended`: the Director no longer takes the token with which the page was read. */
type Session = "none" | "held" | "ended";

/** `refusal` is why the issuer sent the browser back without a token. */
export function App({ refusal }: { refusal: unknown }) {
  const [session, setSession] = useState<Session>(() => (token() === null ? "none" : "held"));
  const queries = useQueryClient();
  useEffect(
    () => onRefused(() => setSession(queries.getQueryData(["caller"]) === undefined ? "none" : "ended")),
    [queries],
  );
  const leave = () => {
    forget();
    queries.clear();
    showFirst();
    setSession("none");
  };
  if (session === "none") return <SignIn refusal={refusal} onDone={() => setSession("held")} />;
  return (
    <SessionEnded value={session === "ended"}>
      <Pages onSignOut={leave} />
      {session === "ended" && <SignInAgain onDone={() => setSession("held")} onLeave={leave} />}
    </SessionEnded>
  );
}

function Pages({ onSignOut }: { onSignOut: () => void }) {
  return (
    <Shell onSignOut={onSignOut}>
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
