import type { QueryClient } from "@tanstack/react-query";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { directorUrl } from "./director";
import { patience } from "./patience";
import { isRenewing, refused, tokenToSend } from "./session";

const AGAIN_AFTER_MS = 2_000;
/** The Director says something every 15 s: by then two such words are missing. */
const SILENCE_MS = 40_000;
const GATHER_MS = 250;

/** The progress of a check, as `verification.progressed` tells it. */
export interface Progress {
  verification_id: string;
  profile_id: string;
  check_id: string;
  actor_id: string;
  state: string;
  mail: string;
  steps: { step: string; outcome: string; code: string | null; milliseconds: number }[];
}

/**
 * Keeps one stream of events and marks as stale what each of them is about.
 * After an interruption it resumes where it was; `connected` tells how it stands.
 */
export function follow(queries: QueryClient, connected: (yes: boolean) => void): () => void {
  const stop = new AbortController();
  const changed = gather(queries, stop.signal);
  void (async () => {
    let last: string | null = null;
    let missed = false;
    const opened = () => {
      connected(true);
      if (missed) changed("all");
    };
    while (!stop.signal.aborted) {
      try {
        last = await readFrom(last, stop.signal, opened, (name, data) => heed(queries, name, data, changed));
      } catch {
        // Signed out while it waited for a token: `stop` says so soon.
      }
      missed = true;
      if (stop.signal.aborted) return;
      if (isRenewing()) {
        connected(true); // what is missing is a sign-in, which is asked for already
        continue;
      }
      connected(false);
      await pause(AGAIN_AFTER_MS, stop.signal);
    }
  })();
  return () => stop.abort();
}

async function readFrom(
  last: string | null,
  signal: AbortSignal,
  opened: () => void,
  event: (name: string, data: string) => void,
): Promise<string | null> {
  const held = (await tokenToSend()) ?? "";
  const headers: Record<string, string> = { Authorization: `Bearer ${held}` };
  if (last !== null) headers["Last-Event-ID"] = last;
  const waiting = patience(SILENCE_MS, signal);
  let seen = last;
  try {
    const answer = await fetch(directorUrl("/events"), { headers, signal: waiting.signal });
    if (answer.status === 401) refused(held);
    if (!answer.ok || answer.body === null) return last;
    opened();
    const reader = eventsOf(answer.body, waiting.heard).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      seen = next.value.id ?? seen;
      event(next.value.event ?? "message", next.value.data);
    }
  } catch {
    // Not reached, or the connection broke or fell silent: what was seen so far is where it resumes.
  } finally {
    waiting.end();
  }
  return seen;
}

/** The events in `bytes`. Each byte counts as heard: the heartbeat is a comment, which no event shows. */
function eventsOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>, heard: () => void) {
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (part, on) => {
      heard();
      on.enqueue(part);
    },
  });
  const text = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>;
  return bytes.pipeThrough(counted).pipeThrough(text).pipeThrough(new EventSourceParserStream());
}

function heed(queries: QueryClient, name: string, data: string, changed: (what: string) => void): void {
  const [subject] = name.split(".");
  if (subject === "reset") return changed("all");
  if (subject === "actor") changed("actors");
  if (subject === "verification") changed("verifications");
  if (name === "verification.progressed") {
    const progress = JSON.parse(data) as Progress;
    queries.setQueryData(["progress", progress.profile_id], (old: Record<string, Progress> | undefined) => ({
      ...(Object.values(old ?? {})[0]?.verification_id === progress.verification_id ? old : {}),
      [progress.actor_id]: progress,
    }));
    return;
  }
  changed("profiles");
}

/** Many events that come together cause one look. */
function gather(queries: QueryClient, signal: AbortSignal): (what: string) => void {
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const keys = [...stale];
    stale.clear();
    timer = undefined;
    for (const key of keys) void queries.invalidateQueries(key === "all" ? {} : { queryKey: [key] });
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (what) => {
    stale.add(what);
    timer ??= setTimeout(look, GATHER_MS);
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
