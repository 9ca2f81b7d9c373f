import createClient from "openapi-fetch";
import { patience } from "./patience";
import { refused, tokenToSend } from "./session";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** What the Director answers when it refuses something (RFC 9457). */
export type ProblemDocument = Omit<Schemas["ProblemDocument"], "code"> & { code: string };

/** A request that came to nothing: the Director's own problem, or no answer at all (`status` 0). */
export class Problem extends Error {
  constructor(readonly document: ProblemDocument) {
    super(document.detail || document.title);
  }

  get status(): number {
    return this.document.status;
  }

  get code(): string {
    return this.document.code;
  }
}

/** The longest that a read is held is 30 s, while an Actor looks something up. */
const READ_SECONDS = 40;
/** The longest that the Director takes to do something is 80 s, until a test message has left. */
const WRITE_SECONDS = 90;

const BY_ITSELF = "It is asked again soon.";
/** For a read that a person asked for, which nobody repeats. */
export const BY_HAND = "Try again.";
const MAYBE_DONE = "Whether this was done is not known: look, then try again.";

let address = "..";

/** Reads config.json, which a static host points at its Director; beside the Director it is one folder up. */
export async function configure(): Promise<void> {
  const answer = await fetch("config.json").catch(() => null);
  if (answer === null) throw new Error("Its config.json did not come. Load the page again.");
  if (!answer.ok) throw new Error(`Its config.json was answered ${answer.status}; whoever serves the console puts it there.`);
  const { director } = (await answer.json()) as { director: string };
  address = new URL(director, document.baseURI).href.replace(/\/$/, "");
}

export function directorUrl(path: string): string {
  return address + path;
}

/** A refused token is asked for anew and the request sent again, so that nothing that was typed is lost. */
async function send(request: Request, next: string): Promise<Response> {
  for (;;) {
    const held = await tokenToSend();
    const answer = await sendAs(held, request.clone(), next);
    if (answer.status !== 401 || held === null) return answer;
    refused(held);
  }
}

/** Where no answer comes, `next` says what follows of it for a read. */
async function sendAs(held: string | null, request: Request, next: string): Promise<Response> {
  if (held !== null) request.headers.set("Authorization", `Bearer ${held}`);
  const reads = request.method === "GET";
  const waiting = patience((reads ? READ_SECONDS : WRITE_SECONDS) * 1_000, request.signal);
  try {
    const answer = await fetch(request, { signal: waiting.signal });
    await answer.clone().arrayBuffer(); // the rest of an answer may stay out as its beginning does
    return answer;
  } catch {
    throw new Problem(problem(0, "director_unreachable", `The Director does not answer. ${reads ? next : MAYBE_DONE}`));
  } finally {
    waiting.end();
  }
}

function problem(status: number, code: string, detail: string): ProblemDocument {
  return { type: "about:blank", title: detail, status, code, detail, errors: null, request_id: null };
}

export function director(next = BY_ITSELF) {
  return createClient<paths>({ baseUrl: address, fetch: (request) => send(request, next) });
}

/** For what the Director tells anyone: it waits for no token and sends none. */
export function publicDirector() {
  return createClient<paths>({ baseUrl: address, fetch: (request) => sendAs(null, request, BY_ITSELF) });
}

/** Who signs in by `candidate`, a token that isn't kept yet. */
export function whoIs(candidate: string): Promise<Schemas["CallerRead"]> {
  const client = createClient<paths>({ baseUrl: address, fetch: (request) => sendAs(candidate, request, BY_HAND) });
  return body(client.GET("/whoami"));
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer, or the Director's refusal as a `Problem`. */
export async function body<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await withVersion(answer)).value;
}

/** The body of an answer with its `ETag`. */
export async function withVersion<T>(answer: Promise<Answer<T>>): Promise<{ value: T; etag: string | null }> {
  const { data, error, response } = await answer;
  if (error !== undefined || !response.ok) throw new Problem(asProblem(error, response.status));
  return { value: data as T, etag: response.headers.get("ETag") };
}

function asProblem(error: unknown, status: number): ProblemDocument {
  if (typeof error === "object" && error !== null && "code" in error) return error as ProblemDocument;
  return problem(status, `http_${status}`, `The Director answered ${status} without a reason.`);
}
