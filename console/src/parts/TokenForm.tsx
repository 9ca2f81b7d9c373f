import { Button, PasswordInput, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { Problem, whoIs } from "../api/director";
import { keep } from "../api/session";
import { Failure } from "./Failure";

const REFUSED = "The Director does not take this token: it was mistyped or deleted, or has expired.";

interface Props {
  above: ReactNode;
  refusal: unknown;
  onDone: () => void;
}

/** Signs in by an API token, which is kept once the Director took it. */
export function TokenForm({ above, refusal, onDone }: Props) {
  const queries = useQueryClient();
  const [value, setValue] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const given = value.trim();
    try {
      queries.setQueryData(["caller"], await whoIs(given));
      keep(given);
      onDone();
    } catch (problem) {
      setError(problem instanceof Problem && problem.status === 401 ? new Error(REFUSED) : problem);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {above}
        <Failure error={error ?? refusal} title="Not signed in" />
        <PasswordInput
          label="API token"
          description={
            <>
              On the Director: <code>director api-tokens create --name me --role admin</code>
            </>
          }
          autoComplete="off"
          required
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          data-autofocus
        />
        <Button type="submit">Sign in</Button>
      </Stack>
    </form>
  );
}
