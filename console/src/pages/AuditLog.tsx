import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useId, useState } from "react";

import { body, director, type Schemas } from "../api/director";
import { Listing, Loaded, Page, type Line } from "../parts/Page";
import { when } from "../parts/words";
import { WorkButton } from "../parts/WorkButton";

type Entry = Schemas["AuditEntryRead"];

export function AuditLog() {
  const [typed, setTyped] = useState({ action: "", subject_id: "" });
  const actions = useId();
  const [filter] = useDebouncedValue(typed, 300);
  const log = useInfiniteQuery({
    queryKey: ["audit-log", filter],
    queryFn: ({ pageParam }) => {
      const wanted = Object.fromEntries(Object.entries({ ...filter, cursor: pageParam }).filter(([, value]) => value));
      return body(director().GET("/audit-log", { params: { query: { limit: 50, sort: "-at", ...wanted } } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
  });
  return (
    <Page title="Audit Log">
      <div className="filters" role="search" aria-label="Filter the log">
        <TextInput
          label="Action, its whole name"
          placeholder="email_profile.updated"
          list={actions}
          value={typed.action}
          onChange={(event) => setTyped({ ...typed, action: event.currentTarget.value })}
        />
        <TextInput
          label="Subject, its whole id"
          placeholder="The id of what was changed"
          value={typed.subject_id}
          onChange={(event) => setTyped({ ...typed, subject_id: event.currentTarget.value })}
        />
        <SeenActions id={actions} />
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

/** The actions that were seen so far, to choose from: the Director takes whole names alone. */
function SeenActions({ id }: { id: string }) {
  const read = useQueryClient().getQueriesData<InfiniteData<Schemas["Page_AuditEntryRead_"]>>({ queryKey: ["audit-log"] });
  const seen = read.flatMap(([, log]) => log?.pages.flatMap(({ items }) => items.map(({ action }) => action)) ?? []);
  return (
    <datalist id={id}>
      {[...new Set(seen)].sort().map((action) => (
        <option key={action} value={action} />
      ))}
    </datalist>
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
