import { Button, Divider, Paper, Text, Title } from "@mantine/core";
import { useState } from "react";
import { leaveForIssuer } from "../api/issuer";
import { useSignIn } from "../api/queries";
import { TokenForm } from "../parts/TokenForm";

export function SignIn({ refusal, onDone }: { refusal: unknown; onDone: () => void }) {
  const [error, setError] = useState(refusal);
  return (
    <main className="sign-in">
      <Paper withBorder p="xl" radius="md" shadow="sm">
        <TokenForm
          above={
            <>
              <Title order={1} size="h3">
                Email profiles
              </Title>
              <Text size="sm">Sign in with an API token of the Director. It is kept until this tab closes.</Text>
            </>
          }
          refusal={error}
          onDone={onDone}
        />
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
