import { Button, Divider, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { whoIs } from "../api/director";
import { askAnotherTab } from "../api/otherTab";
import { useSignIn } from "../api/queries";
import { keep } from "../api/session";
import { Dialog } from "./Dialog";
import { TokenForm } from "./TokenForm";

/** Stands over the page whose sign-in ended: what is typed there stays, and what was asked for goes on afterwards. */
export function SignInAgain({ onDone, onLeave }: { onDone: () => void; onLeave: () => void }) {
  const [refusal, setRefusal] = useState<unknown>(null);
  return (
    <Dialog title="Sign in again" lasting above onClose={() => undefined}>
      <TokenForm
        above={<Text size="sm">The Director no longer takes your sign-in. What you typed stays as it is.</Text>}
        refusal={refusal}
        onDone={onDone}
      />
      <AtIssuer onDone={onDone} onRefusal={setRefusal} />
      <Divider my="md" />
      <Group justify="flex-end">
        <Button variant="default" onClick={onLeave}>
          Leave, and lose what was typed
        </Button>
      </Group>
    </Dialog>
  );
}

/** The issuer is asked in another tab, since this one would forget what was typed. */
function AtIssuer({ onDone, onRefusal }: { onDone: () => void; onRefusal: (error: unknown) => void }) {
  const queries = useQueryClient();
  const oidc = useSignIn().data?.oidc;
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => () => stop.current(), []);
  if (!oidc?.client_id) return null;
  const take = async (token: string) => {
    queries.setQueryData(["caller"], await whoIs(token));
    keep(token);
    onDone();
  };
  const ask = () => {
    stop.current();
    stop.current = askAnotherTab((token) => void take(token).catch(onRefusal));
  };
  return (
    <>
      <Divider label="or" my="md" />
      <Button variant="default" fullWidth onClick={ask}>
        Sign in at {new URL(oidc.issuer).host} in another tab
      </Button>
    </>
  );
}
