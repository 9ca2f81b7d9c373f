import { Alert, Text, Title } from "@mantine/core";
import type { Check } from "../api/queries";
import { Status } from "./Status";
import { when, word } from "./words";

/** One Actor's part: the sentence and the hint first, then the steps with what the server said. */
export function CheckPanel({ check }: { check: Check }) {
  return (
    <section className="card" aria-label={`Actor ${check.actor.name}`}>
      <Title order={3} size="h5">
        {check.actor.name} <Status of={check.state === "leased" ? "running" : check.state} />
      </Title>
      <Text className="small">
        Mail: {check.mail}
        {check.mail_sent_at && `, ${when(check.mail_sent_at)}`}
        {check.proof && ` · proof: ${check.proof}`}
      </Text>
      {check.mail_reply && <Text className="small">The Director's mail server said: {check.mail_reply}</Text>}
      {check.failure_code && (
        <Alert color="red" my="xs" title={check.message}>
          {check.failure_detail && <Text size="sm">{check.failure_detail}</Text>}
          <Text size="sm">{check.hint}</Text>
          {check.possible_causes && check.possible_causes.length > 0 && (
            <ul>
              {check.possible_causes.map((cause) => (
                <li key={cause}>{cause}</li>
              ))}
            </ul>
          )}
          <code>{check.failure_code}</code>
        </Alert>
      )}
      {check.warnings.map((warning) => (
        <Alert key={warning.code} color="yellow" my="xs" title={warning.message}>
          {warning.hint} <code>{warning.code}</code>
        </Alert>
      ))}
      <ol className="steps" aria-label="Steps">
        {check.diagnostics.map((step, index) => (
          <li key={`${step.step}-${index}`}>
            <Status of={step.outcome} />
            <span>{word(step.step)}</span>
            <span className="small">{step.milliseconds} ms</span>
            {step.server_reply && <pre className="reply">{step.server_reply}</pre>}
            <Detail of={step.detail} />
          </li>
        ))}
      </ol>
      {check.evidence && (
        <Text className="small">
          Found in {check.evidence.folder}
          {check.evidence.message_id && `, message ${check.evidence.message_id}`}
        </Text>
      )}
    </section>
  );
}

/** What was found at a step, as addresses, the certificates or the folders: folded, for who looks closer. */
function Detail({ of }: { of: Record<string, unknown> }) {
  const facts = Object.entries(of);
  if (facts.length === 0) return null;
  return (
    <details className="reply small">
      <summary>Details</summary>
      <pre className="reply">{facts.map(([name, value]) => `${name}: ${told(value)}`).join("\n")}</pre>
    </details>
  );
}

function told(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
