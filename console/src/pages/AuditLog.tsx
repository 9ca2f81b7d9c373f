import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { body, director, type Schemas } from "../api/director";
import { Listing, Loaded, Page, type Line } from "../parts/Page";
import { when } from "../parts/words";
import { WorkButton } from "../parts/WorkButton";

type Entry = Schemas["AuditEntryRead"];

export function AuditLog() {
  const [typed, setTyped] = useState({ action: "", subject_id: "" });
  const [filter] = useDebouncedValue(typed, 300);
  const log = useInfiniteQuery({
    queryKey: ["audit-log", filter],
    queryFn: ({ pageParam }) => {
      const wanted = Object.fromEntries(Object.entries({ ...filter, cursor: pageParam }).filter(([, value]) => value));
      return body(director().GET("/audit-log", { params: { query: { limit: 50, ...wanted } } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
  });
  return (
    <Page title="Audit Log">
      <div className="filters" role="search" aria-label="Filter the log">
        <TextInput
          label="Action"
          placeholder="email_profile.updated"
          value={typed.action}
          onChange={(event) => setTyped({ ...typed, action: event.currentTarget.value })}
        />
        <TextInput
          label="Subject"
          placeholder="The id of what was changed"
          value={typed.subject_id}
          onChange={(event) => setTyped({ ...typed, subject_id: event.currentTarget.value })}
        />
      </div>
      <Loaded read={log}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          return (
            <>
              <Listing
                label="Audit log"
                columns={["When", "Who", "Action", "Subject", "Changes"]}
                lines={entries.map(line)}
                empty="Nothing of that kind was done."
              />
              {log.hasNextPage && (
                <WorkButton variant="default" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                  Show more
                </WorkButton>
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function line(entry: Entry): Line {
  const changes = Object.entries(entry.changes).map(([field, change]) => <Change key={field} field={field} text={told(change)} />);
  return {
    id: entry.id,
    cells: [when(entry.at), entry.caller.name, entry.action, <code key="subject">{entry.subject_id}</code>, changes],
  };
}

const LONG = 200;

function Change({ field, text }: { field: string; text: string }) {
  if (text.length <= LONG)
    return (
      <div className="change">
        <strong>{field}</strong>: {text}
      </div>
    );
  return (
    <details className="change">
      <summary>
        <strong>{field}</strong>: {text.slice(0, LONG)}…
      </summary>
      {text}
    </details>
  );
}

/** "a → b"; of a secret only what the log says: that it changed. */
function told(change: Record<string, unknown>): string {
  if ("old" in change || "new" in change)
    return `${JSON.stringify(change["old"] ?? null)} → ${JSON.stringify(change["new"] ?? null)}`;
  return Object.entries(change)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}
