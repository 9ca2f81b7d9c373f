import { body, BY_HAND, director } from "../../api/director";
import type { Schemas } from "../../api/director";
import type { Check } from "../../api/queries";
import type { Values } from "../../parts/values";
import { bodyOf, type Draft } from "./form";

const WAIT_SECONDS = 20;

/** What a test of the connection found: sentences beside fields, and one for each Actor. */
export interface Tested {
  errors: Record<string, string>;
  actors: { name: string; good: boolean; sentence: string }[];
}

/** Has the chosen Actors connect with what is typed, before it is saved; without mail. */
export async function testConnection(values: Values, signal: AbortSignal): Promise<Tested> {
  const { actor_ids, ...profile } = bodyOf(values);
  const started = director().POST("/connectivity-checks", {
    body: { profile: profile as unknown as Draft, actor_ids: actor_ids as string[] },
    signal,
  });
  return ended(await body(started), signal);
}

/** The same with what is saved, secrets included. */
export async function testSaved(profileId: string, signal: AbortSignal): Promise<Tested> {
  const path = { path: { profile_id: profileId } };
  return ended(await body(director().POST("/email-profiles/{profile_id}/connectivity-check", { params: path, signal })), signal);
}

async function ended(started: Schemas["ConnectivityCheckRead"], signal: AbortSignal): Promise<Tested> {
  let run = started;
  while (run.state === "running") {
    const params = { path: { check_id: run.id }, query: { wait: WAIT_SECONDS } };
    run = await body(director(BY_HAND).GET("/connectivity-checks/{check_id}", { params, signal }));
  }
  return found(run.checks);
}

function found(checks: Check[]): Tested {
  const errors: Record<string, string> = {};
  const beside = (field: string | null | undefined, sentence: string) => {
    if (field) errors[field] = errors[field] ? `${errors[field]}\n${sentence}` : sentence;
  };
  for (const check of checks) {
    const fieldOf = (code: string | null) => check.diagnostics.find((step) => step.code === code)?.field;
    if (check.failure_code) beside(fieldOf(check.failure_code), `${check.actor.name}: ${check.message ?? ""} ${check.hint ?? ""}`);
    for (const warning of check.warnings) {
      beside(fieldOf(warning.code), `${check.actor.name}: ${warning.message} ${warning.hint}`);
    }
  }
  return { errors, actors: checks.map(outcome) };
}

function outcome(check: Check): Tested["actors"][number] {
  const good = check.state === "connected" || check.state === "verified";
  const sentence = good ? "connected, logged in and opened the mailbox." : `${check.message ?? check.state} ${check.hint ?? ""}`;
  return { name: check.actor.name, good, sentence };
}
