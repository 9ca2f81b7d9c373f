import { Alert, Anchor, Button, Group, Loader, Text, Title, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useRef, useState, type ReactNode } from "react";
import { NavLink, useLocation } from "react-router";
import { directorUrl, Problem } from "../api/director";
import { useCaller, type Caller } from "../api/queries";
import { follow } from "../api/live";
import { Failure } from "./Failure";

const ROLES = ["viewer", "operator", "admin"];
const PAGES: { to: string; name: string; role: Caller["role"] }[] = [
  { to: "/", name: "Email Actions", role: "viewer" },
  { to: "/actors", name: "Actors", role: "viewer" },
  { to: "/zones", name: "Security Zones", role: "viewer" },
  { to: "/settings/email", name: "Email Settings", role: "admin" },
  { to: "/api-tokens", name: "API Tokens", role: "admin" },
  { to: "/webhooks", name: "Webhooks", role: "admin" },
  { to: "/audit-log", name: "Audit Log", role: "admin" },
];

const CallerContext = createContext<Caller | null>(null);

/** Tells whether the caller's role covers `role`. */
export function useMay(): (role: Caller["role"]) => boolean {
  const caller = use(CallerContext);
  return (role) => caller !== null && ROLES.indexOf(caller.role) >= ROLES.indexOf(role);
}

export function Shell({ children, onSignOut }: { children: ReactNode; onSignOut: () => void }) {
  const caller = useCaller(true);
  const live = useLive();
  useFocusOnPage();
  const error = caller.error ?? caller.failureReason; // said at once, though it is asked again
  if (caller.isPending && !error) return <Loader m="xl" aria-label="Signing in" />;
  if (!caller.data) return <NotLetIn error={error} again={() => void caller.refetch()} onSignOut={onSignOut} />;
  return (
    <CallerContext value={caller.data}>
      <a className="skip" href="#content" onClick={skip}>
        Skip to the content
      </a>
      <Header caller={caller.data} onSignOut={onSignOut} />
      <main id="content" tabIndex={-1}>
        <div role="status">
          {!live && (
            <Alert color="yellow" title="The connection to the Director is interrupted" mb="md">
              What you see may be old. It comes up to date by itself as soon as the Director answers.
            </Alert>
          )}
        </div>
        {children}
      </main>
    </CallerContext>
  );
}

/** Signed in, but without a role, or by a Director that does not answer. */
function NotLetIn({ error, again, onSignOut }: { error: unknown; again: () => void; onSignOut: () => void }) {
  const refused = error instanceof Problem && error.status >= 400 && error.status < 500;
  return (
    <main className="sign-in">
      <Failure error={error} title={refused ? "The Director does not let you in" : "The Director does not answer"} />
      <Group>
        <Button onClick={again}>Try again</Button>
        <SignOut onSignOut={onSignOut} />
      </Group>
    </main>
  );
}

function SignOut({ onSignOut }: { onSignOut: () => void }) {
  return (
    <Button size="xs" variant="default" onClick={onSignOut}>
      Sign out
    </Button>
  );
}

function skip(event: { preventDefault: () => void }) {
  event.preventDefault(); // the address's hash names the page
  document.getElementById("content")?.focus();
}

/** Another page begins at its top, for the keyboard and a screen reader too. */
function useFocusOnPage() {
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    document.getElementById("content")?.focus();
    window.scrollTo(0, 0);
  }, [pathname]);
}

function useLive(): boolean {
  const queries = useQueryClient();
  const [live, setLive] = useState(true);
  useEffect(() => follow(queries, setLive), [queries]);
  return live;
}

function Header({ caller, onSignOut }: { caller: Caller; onSignOut: () => void }) {
  const may = useMay();
  return (
    <header className="top">
      <Title order={1} size="h4">
        Email profiles
      </Title>
      <nav aria-label="Pages">
        {PAGES.filter((page) => may(page.role)).map((page) => (
          <NavLink key={page.to} to={page.to} end>
            {page.name}
          </NavLink>
        ))}
      </nav>
      <Group gap="sm" className="who">
        <Text size="sm">
          {caller.name} · {caller.role}
        </Text>
        <ColorScheme />
        <Anchor href={directorUrl("/docs")} size="sm">
          API
        </Anchor>
        <SignOut onSignOut={onSignOut} />
      </Group>
    </header>
  );
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const next = useComputedColorScheme("light") === "dark" ? "light" : "dark";
  return (
    <Button size="xs" variant="default" onClick={() => setColorScheme(next)}>
      {next === "dark" ? "Dark" : "Light"}
    </Button>
  );
}
