import { Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { body, director, Problem } from "../api/director";
import { Loaded, Page } from "../parts/Page";
import { ActionSettings } from "./settings/ActionSettings";
import { MailTransport, type SavedMail } from "./settings/MailTransport";
import { TestMail } from "./settings/TestMail";

/** How the Director's own mail leaves; null where nothing is set yet. */
async function readMail(): Promise<SavedMail | null> {
  try {
    return await body(director().GET("/settings/email"));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

export function EmailSettings() {
  const mail = useQuery({ queryKey: ["settings", "email"], queryFn: readMail });
  const actions = useQuery({
    queryKey: ["settings", "email-actions"],
    queryFn: () => body(director().GET("/settings/email-actions")),
  });
  return (
    <Page title="Email Settings">
      <section className="card">
        <Title order={3} size="h5" mb="md">
          How the Director sends codes
        </Title>
        <Loaded read={mail}>
          {(saved) => (
            <>
              <MailTransport saved={saved} />
              {saved && <TestMail />}
            </>
          )}
        </Loaded>
      </section>
      <section className="card">
        <Title order={3} size="h5" mb="md">
          How long, and where, a code is looked for
        </Title>
        <Loaded read={actions}>{(saved) => <ActionSettings saved={saved} />}</Loaded>
      </section>
    </Page>
  );
}
