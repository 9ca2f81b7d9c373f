import { Alert } from "@mantine/core";
import { Problem } from "../api/director";

/** Why something came to nothing, read out by a screen reader as soon as it appears. */
export function Failure({ error, title = "That did not work" }: { error: unknown; title?: string }) {
  if (!error) return null;
  const request = error instanceof Problem ? error.document.request_id : null;
  return (
    <Alert role="alert" color="red" title={title} mb="md">
      {error instanceof Error ? error.message : String(error)}
      {error instanceof Problem && (
        <div className="small">
          {error.code}
          {request ? ` · request ${request}` : ""}
        </div>
      )}
    </Alert>
  );
}
