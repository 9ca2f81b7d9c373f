import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { Navigate, Route, Routes } from "react-router";
import type { Caller } from "./api/queries";
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
import { Shell, useMay } from "./parts/Shell";
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
        <Route path="/profiles/new" element={<Only to="operator" of={<ProfileNew />} />} />
        <Route path="/profiles/:id/edit" element={<Only to="operator" of={<ProfileEdit />} />} />
        <Route path="/actors" element={<Actors />} />
        <Route path="/zones" element={<Zones />} />
        <Route path="/settings/email" element={<Only to="admin" of={<EmailSettings />} />} />
        <Route path="/api-tokens" element={<Only to="admin" of={<ApiTokens />} />} />
        <Route path="/webhooks" element={<Only to="admin" of={<Webhooks />} />} />
        <Route path="/audit-log" element={<Only to="admin" of={<AuditLog />} />} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
    </Shell>
  );
}

/** A page for a role: to all others the table is shown. */
function Only({ to, of }: { to: Caller["role"]; of: ReactNode }) {
  return useMay()(to) ? of : <Navigate to="/" replace />;
}
