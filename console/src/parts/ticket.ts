import type { Check, Profile, Verification } from "../api/queries";
import { when } from "./words";

/** A verification as plain text, for a ticket. */
export function asText(profile: Profile, run: Verification): string {
  const head = [
    `Email profile ${profile.email_address} (${profile.type}, ${profile.server_address}, account ${profile.account.username})`,
    `Verification ${run.id}, started ${when(run.started_at)} (${run.started_at}): ${run.summary}`,
  ];
  return [...head, ...run.checks.flatMap(ofCheck)].join("\n");
}

function ofCheck(check: Check): string[] {
  return [
    "",
    `Actor ${check.actor.name}: ${check.state}, mail ${check.mail}`,
    ...(check.failure_code ? [`  ${check.failure_code}: ${check.message}`, `  ${check.hint}`] : []),
    ...(check.mail_reply ? [`  mail server said: ${check.mail_reply}`] : []),
    ...check.warnings.map((warning) => `  warning ${warning.code}: ${warning.message}`),
    ...check.diagnostics.flatMap((step) => [
      `  ${step.outcome.padEnd(8)}${step.step}, ${step.milliseconds} ms${step.code ? `, ${step.code}` : ""}`,
      ...(step.server_reply ? [`          server said: ${step.server_reply}`] : []),
    ]),
  ];
}
