import { NativeSelect } from "@mantine/core";
import { useState } from "react";

import type { Schemas } from "../../api/director";
import { GmailMail } from "./GmailMail";
import { GraphMail } from "./GraphMail";
import { MailServer } from "./MailServer";

export type SavedMail = Schemas["SmtpMailRead"] | Schemas["GraphMailRead"] | Schemas["GmailMailRead"];
type Transport = SavedMail["transport"];

const TRANSPORTS: { value: Transport; label: string }[] = [
  { value: "smtp", label: "A mail server (SMTP)" },
  { value: "microsoft_graph", label: "Microsoft 365 (Graph)" },
  { value: "gmail", label: "Google Workspace (Gmail API)" },
];

/** Which way the mail leaves, and the form of that way. What was saved for another way does not show in it. */
export function MailTransport({ saved }: { saved: SavedMail | null }) {
  const [transport, setTransport] = useState<Transport>(saved?.transport ?? "smtp");
  return (
    <>
      <NativeSelect
        label="By"
        mb="md"
        data={TRANSPORTS}
        value={transport}
        onChange={(event) => setTransport(event.currentTarget.value as Transport)}
      />
      {transport === "smtp" && <MailServer saved={saved?.transport === "smtp" ? saved : null} />}
      {transport === "microsoft_graph" && <GraphMail saved={saved?.transport === "microsoft_graph" ? saved : null} />}
      {transport === "gmail" && <GmailMail saved={saved?.transport === "gmail" ? saved : null} />}
    </>
  );
}
