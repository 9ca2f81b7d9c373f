import { Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { body, director, Problem, type Schemas } from "../api/director";
import { Loaded, Page } from "../parts/Page";
import { ActionSettings } from "./settings/ActionSettings";
import { MailServer } from "./settings/MailServer";
import { TestMail } from "./settings/TestMail";

/** The Director's own mail server; null where none is set yet. */
async function readMailServer(): Promise<Schemas["EmailSettingsRead"] | null> {
  try {
    return await body(director().GET("/settings/email"));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

export function EmailSettings() {
  const server = useQuery({ queryKey: ["settings", "email"], queryFn: readMailServer });
  const actions = useQuery({
    queryKey: ["settings", "email-actions"],
    queryFn: () => body(director().GET("/settings/email-actions")),
  });
  return (
    <Page title="Email settings">
      <section className="card">
        <Title order={3} size="h5" mb="md">
          The server by which the Director sends codes
        </Title>
        <Loaded read={server}>
          {(saved) => (
            <>
              <MailServer saved={saved} key={JSON.stringify(saved)} />
              {saved && <TestMail />}
            </>
          )}
        </Loaded>
      </section>
      <section className="card">
        <Title order={3} size="h5" mb="md">
          How long, and where, a code is looked for
        </Title>
        <Loaded read={actions}>{(saved) => <ActionSettings saved={saved} key={JSON.stringify(saved)} />}</Loaded>
      </section>
    </Page>
  );
}
