import type { Profile } from "../../api/queries";
import type { Schemas } from "../../api/director";
import { assembled, flat, isSecret, same, type Body, type Values } from "../../parts/values";

export type Type = Profile["server_type"];
export type Write =
  | Schemas["ImapProfileWrite"]
  | Schemas["Pop3ProfileWrite"]
  | Schemas["GraphProfileWrite"]
  | Schemas["GmailProfileWrite"];
export type Create =
  | Schemas["ImapProfileCreate"]
  | Schemas["Pop3ProfileCreate"]
  | Schemas["GraphProfileCreate"]
  | Schemas["GmailProfileCreate"];
export type Draft = Schemas["DraftCheckRequest"]["profile"];

const COMMON = [
  "/server_type",
  "/email_address",
  "/send_verification_manually",
  "/security_zone_id",
  "/actor_ids",
  "/note",
  "/reverify_every_hours",
];
const USER_NAME = "/account/username";
const PASSWORD = "/account/password";
const INCOMING = ["/incoming/host", "/incoming/port", "/incoming/encryption", "/incoming/authentication"];
const OUTGOING = ["/outgoing/host", "/outgoing/port", "/outgoing/encryption", "/outgoing/authentication"];
const OAUTH = ["/oauth/provider", "/oauth/client_id", "/oauth/client_secret"];
const OF_MICROSOFT = ["/oauth/tenant_id", "/oauth/cloud"];
const TLS = ["/tls/verify", "/tls/ca_certificate", "/tls/pinned_sha256"];
const GRAPH = ["cloud", "tenant_id", "client_id", "client_secret", "client_secret_expires_at"].map((field) => `/graph/${field}`);
const GMAIL = ["client_id", "client_secret", "scope"].map((field) => `/gmail/${field}`);
const KEY_FILE = "/gmail/service_account_json";

export const SECRETS = [PASSWORD, "/oauth/client_secret", "/graph/client_secret", "/gmail/client_secret", KEY_FILE];

export const EMPTY: Values = {
  "/server_type": "imap",
  "/actor_ids": [],
  "/incoming/encryption": "ssl_tls",
  "/incoming/authentication": "plain",
  "/outgoing/encryption": "none",
  "/tls/verify": true,
  "/oauth/provider": "microsoft",
  "/oauth/cloud": "global",
  "/graph/cloud": "global",
  "/gmail/scope": "metadata",
  "#gmail_access": "consent",
};

/** Whether the mailbox is read by an app's tokens, in place of the account's password. */
export const isByToken = (values: Values) => values["/incoming/authentication"] === "xoauth2";

/** Whether the outgoing server wants the account's password. */
const logsInToSend = (values: Values) => Boolean(values["/outgoing/host"] && values["/outgoing/authentication"]);

/** The fields that are sent, by what was chosen. */
export function pointersOf(values: Values): string[] {
  const type = values["/server_type"] as Type;
  const common = [
    ...COMMON,
    ...(type === "pop3" ? [] : ["/mailbox"]), // it has one alone
    ...(values["/send_verification_manually"] === true ? [] : ["/delete_verification_message"]), // the one message is for all
  ];
  if (type === "microsoft_graph") return [...common, ...GRAPH];
  if (type === "gmail") return [...common, ...(values["#gmail_access"] === "key" ? [KEY_FILE, "/gmail/scope"] : GMAIL)];
  return [
    ...common,
    USER_NAME,
    ...(isByToken(values) && !logsInToSend(values) ? [] : [PASSWORD]),
    ...INCOMING,
    ...(values["/outgoing/host"] ? OUTGOING : []),
    ...(isByToken(values) ? OAUTH : []),
    ...(isByToken(values) && values["/oauth/provider"] === "microsoft" ? OF_MICROSOFT : []),
    ...TLS,
  ];
}

/** The secret that the profile is read with. */
export function secretOf(values: Values): string {
  const pointers = pointersOf(values);
  const app = SECRETS.find((secret) => secret !== PASSWORD && pointers.includes(secret));
  return app ?? PASSWORD;
}

/** The whole profile as the Director takes it; a secret that wasn't typed is left out. */
export function bodyOf(values: Values): Body {
  return assembled(values, pointersOf(values));
}

/** What is typed at first for a profile that is there. */
export function valuesOf(profile: Profile): Values {
  const values: Values = { ...EMPTY, ...flat(profile) };
  if (profile.server_type === "gmail" && profile.gmail.service_account_json?.set) values["#gmail_access"] = "key";
  if (profile.server_type === "imap" || profile.server_type === "pop3") {
    values["#smtp_authentication"] = Boolean(profile.outgoing?.authentication);
  }
  return values;
}

/** The merge patch (RFC 7396) that makes `to` of `from`. */
export function patchOf(from: Body, to: Body): Body {
  const patch: Body = {};
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [old, now] = [from[name], to[name]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    patch[name] = isObject(old) && isObject(now) ? patchOf(old, now) : (now ?? null);
  }
  return patch;
}

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What to do after a lost race: take over what others changed, keep what was typed here. */
export function rebase(base: Values, theirs: Values, mine: Values): { values: Values; changed: Conflict[] } {
  const values = { ...mine };
  const changed: Conflict[] = [];
  for (const pointer of pointersOf({ ...theirs })) {
    if (isSecret(pointer) || same(base[pointer], theirs[pointer])) continue;
    const kept = !same(base[pointer], mine[pointer]);
    if (!kept) values[pointer] = theirs[pointer] ?? "";
    changed.push({ pointer, theirs: theirs[pointer], kept: kept ? (mine[pointer] ?? "") : null });
  }
  return { values, changed };
}

/** A field that someone else changed; `kept`: what was typed here instead. */
export interface Conflict {
  pointer: string;
  theirs: Values[string] | undefined;
  kept: Values[string] | null;
}
