import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Navigate, Route, Routes } from "react-router";
import { onRefused, token } from "./api/session";
import { ProfileEdit } from "./pages/ProfileEdit";
import { ProfileNew } from "./pages/ProfileNew";
import { Profiles } from "./pages/Profiles";
import { SignIn } from "./pages/SignIn";
import { Shell } from "./parts/Shell";

export function App() {
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
  if (!signedIn) return <SignIn onDone={() => setSignedIn(true)} />;
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
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
    </Shell>
  );
}
