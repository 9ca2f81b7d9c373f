import { Alert, Code, Group, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";

import { body, director } from "../../api/director";
import { Failure } from "../../parts/Failure";
import { errorAt, errorElsewhere } from "../../parts/fieldErrors";
import { WorkButton } from "../../parts/WorkButton";

/** Sends a message by the saved server, and shows what the server made of it. */
export function TestMail() {
  const [to, setTo] = useState("");
  const testing = useMutation({
    mutationFn: () => body(director().POST("/settings/email/test", { body: { to } })),
  });
  const result = testing.data;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    testing.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" mt="lg">
        <TextInput
          label="Send a test message to"
          type="email"
          required
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={errorAt(testing.error, "/to")}
        />
        <WorkButton type="submit" variant="default" busy={testing.isPending}>
          Send test
        </WorkButton>
      </Group>
      <Failure error={errorElsewhere(testing.error, ["/to"])} />
      {result && (
        <Alert
          mt="md"
          color={result.sent ? "green" : "red"}
          title={result.sent ? "Sent" : (result.code ?? "Not sent")}
          role="status"
        >
          {result.message} {result.hint}
          {result.server_reply && (
            <Code block className="reply">
              {result.server_reply}
            </Code>
          )}
        </Alert>
      )}
    </form>
  );
}
