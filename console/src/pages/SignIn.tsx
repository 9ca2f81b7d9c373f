import { Button, Divider, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { body, director } from "../api/director";
import { leaveForIssuer } from "../api/issuer";
import { useSignIn } from "../api/queries";
import { forget, keep } from "../api/session";
import { Failure } from "../parts/Failure";

export function SignIn({ refusal, onDone }: { refusal: unknown; onDone: () => void }) {
  const queries = useQueryClient();
  const [value, setValue] = useState("");
  const [error, setError] = useState(refusal);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    keep(value.trim());
    try {
      queries.setQueryData(["caller"], await body(director().GET("/whoami")));
      onDone();
    } catch (problem) {
      forget();
      setError(problem);
    }
  };
  return (
    <main className="sign-in">
      <Paper withBorder p="xl" radius="md" shadow="sm">
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Title order={1} size="h3">
              Email profiles
            </Title>
            <Text size="sm">Sign in with an API token of the Director. It is kept until this tab closes.</Text>
            <Failure error={error} title="Not signed in" />
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
            />
            <Button type="submit">Sign in</Button>
          </Stack>
        </form>
        <AtIssuer onRefusal={setError} />
      </Paper>
    </main>
  );
}

/** The other way in, where the Director names an issuer that knows this console. */
function AtIssuer({ onRefusal }: { onRefusal: (error: unknown) => void }) {
  const oidc = useSignIn().data?.oidc;
  if (!oidc?.client_id) return null;
  return (
    <>
      <Divider label="or" my="md" />
      <Button variant="default" fullWidth onClick={() => void leaveForIssuer(oidc).catch(onRefusal)}>
        Sign in at {new URL(oidc.issuer).host}
      </Button>
    </>
  );
}
